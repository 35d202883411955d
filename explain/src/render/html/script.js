
'use strict';
(() => {
  const root = document.documentElement;
  root.classList.add('script');
  const all = (within, what) => Array.from(within.querySelectorAll(what));
  const inspector = document.getElementById('inspector');
  const help = document.getElementById('help');

  /* One log: its path is the rows of its table; everything else is found by slot or step. */
  class Log {
    constructor(article) {
      this.article = article;
      this.rows = all(article, '.path tbody tr');
      this.lines = all(article, '.raw-i');
      this.listed = all(article, '.beside tr[data-i]');
      this.story = all(article, '.cause');
      this.graph = article.querySelector('.graphbox');
      this.time = article.querySelector('.timeline');
      this.zoom = 1;
      this.step = -1;
      this.insn = -1;
      if (this.time) {
        this.lefts = this.time.dataset.x.split(' ').map(Number);
        this.cursor = this.time.querySelector('.cursor');
        this.segments = all(this.time, '.seg');
      }
    }

    stepOf(insn) {
      for (let step = this.rows.length - 1; step >= 0; step -= 1) {
        if (Number(this.rows[step].dataset.i) === insn) return step;
      }
      return -1;
    }

    /* A permalink: to the row of the program's table, which has every instruction that a link can name. */
    link(insn) {
      return '#' + this.article.id + '-p' + insn;
    }

    /* The line of the log that shows a step: the last of its instruction for the last step, else that many before it. */
    lineOf(insn, step) {
      const lines = this.lines.filter((line) => Number(line.dataset.i) === insn);
      const later = this.rows.slice(step + 1).filter((row) => Number(row.dataset.i) === insn).length;
      return lines[Math.max(lines.length - 1 - later, 0)];
    }

    select(insn, step, quietly) {
      this.insn = insn;
      this.step = step === undefined ? this.stepOf(insn) : step;
      for (const cause of this.story) {
        if (Number(cause.dataset.i) === insn) cause.setAttribute('aria-current', 'true');
        else cause.removeAttribute('aria-current');
      }
      for (const old of all(this.article, '.sel')) old.classList.remove('sel');
      const drawn = document.getElementById(this.article.id + '-i' + insn);
      if (drawn) {
        drawn.classList.add('sel');
        reveal(this.graph, drawn, true);
      }
      const row = this.rows[this.step];
      if (row) row.classList.add('sel');
      const line = insn < 0 ? undefined : this.lineOf(insn, this.step);
      if (line) {
        line.parentElement.classList.add('sel');
        reveal(line.closest('.scroll'), line.parentElement, true);
      }
      const listed = this.listed.find((one) => Number(one.dataset.i) === insn);
      if (listed) {
        listed.classList.add('sel');
        reveal(listed.closest('.scroll'), listed, true);
      }
      if (this.cursor) {
        this.cursor.setAttribute('x', row ? this.lefts[this.step] : -99);
        if (row) this.cursor.setAttribute('width', this.lefts[this.step + 1] - this.lefts[this.step]);
        this.cursor.dataset.i = row ? insn : '';
        if (row) reveal(this.time.parentElement, this.cursor, false);
      }
      const pointer = this.article.querySelector('.pointer');
      if (pointer) {
        const [left, right] = ((row && row.dataset.w) || '-99 -95').split(' ').map(Number);
        pointer.setAttribute('x', left);
        pointer.setAttribute('width', Math.max(right - left, 3));
      }
      if (!quietly) {
        current = this;
        this.describe(row, listed);
        if (insn >= 0) history.replaceState(null, '', this.link(insn));
      }
    }

    clear() {
      this.select(-1, -1, true);
      history.replaceState(null, '', location.pathname + location.search);
      inspector.hidden = true;
    }

    /* What the registers of a frame held when a step was done. */
    known(step, frame) {
      const held = new Map();
      for (const seg of this.segments || []) {
        if (Number(seg.dataset.a) > step || step >= Number(seg.dataset.b) || seg.dataset.f !== frame) continue;
        held.set(Number(seg.dataset.r), seg.querySelector('title').textContent.split(' = ').slice(1).join(' = '));
      }
      return held;
    }

    describe(row, listed) {
      const what = inspector.querySelector('.what');
      const top = element('div', 'top');
      const name = row ? row.cells[1].querySelector('code').textContent
        : listed ? listed.cells[1].querySelector('code').textContent : '';
      top.append(element('strong', '', this.insn + ': ' + name));
      const link = element('a', 'permalink', 'link');
      link.href = this.link(this.insn);
      link.setAttribute('aria-label', 'Link to instruction ' + this.insn);
      top.append(link);
      const source = row ? row.cells[2].textContent : '';
      top.append(element('span', 'source', source || (row ? '' : 'not on the path that failed')));
      what.replaceChildren(top);
      if (row) what.append(...this.states(row.dataset.f));
      inspector.hidden = false;
    }

    /* What changed in the selected step, before and after it, and what the other registers hold. */
    states(frame) {
      const fails = this.step === this.rows.length - 1 && this.article.dataset.fails === String(this.insn);
      const before = this.step > 0 ? this.known(this.step - 1, frame) : new Map();
      const now = this.known(this.step, frame);
      /* What fails does nothing: what the log shows there is what the registers held before it. */
      if (fails) for (const [register, state] of now) before.set(register, state);
      const after = fails ? before : now;
      const registers = [...new Set([...before.keys(), ...after.keys()])].sort((a, b) => a - b);
      const changed = registers.filter((one) => before.get(one) !== after.get(one));
      const others = element('p', 'regs', fails ? 'Refused. Before it: ' : 'Unchanged: ');
      for (const one of registers.filter((each) => !changed.includes(each))) {
        others.append(element('span', '', 'r' + one + ' = ' + before.get(one)));
      }
      const rest = others.childElementCount ? [others] : [];
      if (!changed.length) return rest;
      const table = element('table', 'states');
      const head = table.createTHead().insertRow();
      for (const text of ['', 'before', 'after']) {
        const cell = element('th', '', text);
        cell.scope = 'col';
        head.append(cell);
      }
      const body = table.createTBody();
      for (const one of changed) {
        const line = body.insertRow();
        const name = element('th', '', 'r' + one);
        name.scope = 'row';
        line.append(name, element('td', '', before.get(one) || 'not shown'));
        line.append(element('td', '', after.get(one) || 'not shown'));
      }
      return [table, ...rest];
    }

    move(by) {
      if (!this.rows.length) return;
      const from = this.step < 0 ? (by > 0 ? -1 : this.rows.length) : this.step;
      const to = Math.min(Math.max(from + by, 0), this.rows.length - 1);
      this.select(Number(this.rows[to].dataset.i), to);
    }

    moveInStory(by) {
      if (!this.story.length) return;
      const at = this.story.findIndex((cause) => cause.hasAttribute('aria-current'));
      const to = Math.min(Math.max(at < 0 ? 0 : at + by, 0), this.story.length - 1);
      const cause = this.story[to];
      if (this.story.includes(document.activeElement)) cause.focus();
      this.select(Number(cause.dataset.i));
    }

    scale(to) {
      const svg = this.graph && this.graph.querySelector('svg');
      if (!svg) return;
      const width = svg.viewBox.baseVal.width;
      if (to === 'fit') this.zoom = Math.min(1, (this.graph.clientWidth - 4) / width);
      else if (Number(to) === 0) this.zoom = 1;
      else this.zoom = Math.min(3, Math.max(0.2, this.zoom * (Number(to) > 0 ? 1.25 : 0.8)));
      svg.setAttribute('width', width * this.zoom);
      svg.setAttribute('height', svg.viewBox.baseVal.height * this.zoom);
    }
  }

  function element(name, kind, text) {
    const made = document.createElement(name);
    if (kind) made.className = kind;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  /* Scrolls a box, and only the box, until something in it can be seen. */
  function reveal(box, what, both) {
    if (!box) return;
    const outer = box.getBoundingClientRect();
    const inner = what.getBoundingClientRect();
    const room = 24;
    const by = { left: 0, top: 0 };
    if (inner.left < outer.left + room || inner.right > outer.right - room) {
      by.left = inner.width > outer.width ? inner.left - outer.left - room
        : (inner.left + inner.right - outer.left - outer.right) / 2;
    }
    if (both && (inner.top < outer.top + room || inner.bottom > outer.bottom - room)) {
      by.top = (inner.top + inner.bottom - outer.top - outer.bottom) / 2;
    }
    box.scrollBy(by);
  }

  const logs = all(document, '.log').map((article) => new Log(article));
  let current = logs[0];
  const logOf = (node) => logs.find((log) => log.article.contains(node));

  /* At first the failing instruction is selected: in each log when it comes into view, since layout takes its time. */
  const begin = (log) => {
    const end = log.article.querySelector('.objectend');
    if (end) reveal(end.closest('.scroll'), end, false);
    const last = log.rows.length - 1;
    if (last >= 0 && log.step < 0) log.select(Number(log.rows[last].dataset.i), last, true);
  };
  const watcher = new IntersectionObserver((seen) => {
    for (const entry of seen.filter((one) => one.isIntersecting)) {
      watcher.unobserve(entry.target);
      begin(logOf(entry.target));
    }
  });

  for (const log of logs) {
    if (log === current) begin(log);
    else watcher.observe(log.article);
    if (!log.time) continue;
    const readout = log.article.querySelector('.readout');
    const stepAt = (event) => {
      const x = event.clientX - log.time.getBoundingClientRect().left;
      const step = log.lefts.findLastIndex((left) => left <= x);
      return log.rows[step] ? step : -1;
    };
    log.time.addEventListener('click', (event) => {
      const step = stepAt(event);
      if (step >= 0) log.select(Number(log.rows[step].dataset.i), step);
    });
    log.time.addEventListener('mousemove', (event) => {
      const step = stepAt(event);
      const seg = event.target.closest('.seg');
      const at = step < 0 ? '' : log.rows[step].dataset.i + ': ' + log.rows[step].cells[1].textContent;
      readout.textContent = seg ? at + '   ' + seg.querySelector('title').textContent : at;
    });
  }

  document.addEventListener('click', (event) => {
    const target = event.target;
    if (target.closest('.close')) return current.clear();
    const zoom = target.closest('[data-zoom]');
    if (zoom) return logOf(zoom).scale(zoom.dataset.zoom);
    const link = target.closest('.cause, .jump, .graph .i, .raw-i, .here');
    if (!link) return;
    const log = logOf(link);
    if (link.matches('a')) event.preventDefault();
    if (link.matches('.jump') && log.graph) log.graph.scrollIntoView({ block: 'nearest' });
    log.select(Number(link.dataset.i));
  });

  /* A permalink selects its instruction. */
  const follow = () => {
    const [, article, insn] = /^#(l[0-9]+)-[ip]([0-9]+)$/.exec(location.hash) || [];
    const log = logs.find((one) => one.article.id === article);
    if (log) log.select(Number(insn));
    return Boolean(log);
  };
  addEventListener('hashchange', follow);
  follow();

  /* Search: the lines of logs and the rows of programs that have a text, one after the other. */
  const search = document.getElementById('search');
  const hits = document.getElementById('hits');
  let found = { query: '', places: [], at: -1 };
  const places = (query) => {
    const [, slot] = /^#([0-9]+)$/.exec(query) || [];
    if (slot) return all(document, '.beside tr[data-i="' + slot + '"]');
    const lower = query.toLowerCase();
    const rows = all(document, '.raw li, .beside tr[data-i], .cause');
    return lower ? rows.filter((row) => row.textContent.toLowerCase().includes(lower)) : [];
  };
  const find = (by) => {
    const query = search.value.trim();
    for (const old of all(document, '.hit')) old.classList.remove('hit');
    if (query !== found.query) found = { query, places: places(query), at: by < 0 ? 0 : -1 };
    const many = found.places.length;
    if (!many) {
      hits.textContent = query ? 'nothing' : '';
      return;
    }
    found.at = (found.at + by + many) % many;
    const place = found.places[found.at];
    hits.textContent = (found.at + 1) + ' of ' + many;
    place.classList.add('hit');
    const named = place.matches('[data-i]') ? place : place.querySelector('[data-i]');
    if (named) logOf(place).select(Number(named.dataset.i));
    place.scrollIntoView({ block: 'nearest' });
    const box = place.closest('.scroll');
    if (box) reveal(box, place, true);
  };
  search.addEventListener('input', () => find(1));
  search.form.addEventListener('submit', (event) => event.preventDefault());
  search.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') find(event.shiftKey ? -1 : 1);
    else if (event.key === 'Escape') search.blur();
    else return;
    event.preventDefault();
  });

  const themes = ['auto', 'dark', 'light'];
  const themeButton = document.getElementById('theme');
  const setTheme = (theme) => {
    if (theme === 'auto') delete root.dataset.theme;
    else root.dataset.theme = theme;
    themeButton.textContent = 'Theme: ' + theme;
    try { localStorage.setItem('knockwright-theme', theme); } catch { /* a file may have no storage */ }
  };
  const nextTheme = () => setTheme(themes[(themes.indexOf(root.dataset.theme || 'auto') + 1) % themes.length]);
  themeButton.addEventListener('click', nextTheme);
  try {
    const kept = localStorage.getItem('knockwright-theme');
    if (themes.includes(kept)) setTheme(kept);
  } catch { /* as above */ }
  const showKeys = () => { if (!help.open) help.showModal(); };
  document.getElementById('keys').addEventListener('click', showKeys);

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || help.open) return;
    const focus = document.activeElement;
    if (focus === search) return;
    const log = logOf(focus) || current;
    const inside = focus && focus.closest('.story, .graphbox, .timebox');
    const arrows = inside ? { ArrowDown: 1, ArrowUp: -1 } : {};
    if (inside && inside.matches('.timebox')) Object.assign(arrows, { ArrowRight: 1, ArrowLeft: -1 });
    const inStory = inside && inside.matches('.story');
    const keys = {
      j: () => log.move(1),
      k: () => log.move(-1),
      n: () => log.moveInStory(1),
      p: () => log.moveInStory(-1),
      f: () => log.rows.length && log.select(Number(log.rows[log.rows.length - 1].dataset.i), log.rows.length - 1),
      t: nextTheme,
      '/': () => { search.focus(); search.select(); },
      '+': () => log.scale(1),
      '-': () => log.scale(-1),
      0: () => log.scale(0),
      '?': showKeys,
      Escape: () => log.clear(),
    };
    if (event.key in arrows) {
      if (inStory) log.moveInStory(arrows[event.key]);
      else log.move(arrows[event.key]);
    } else if (Object.hasOwn(keys, event.key) && (log || ['t', '?', '/'].includes(event.key))) {
      keys[event.key]();
    } else return;
    event.preventDefault();
  });
})();
