
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
        this.describe(row, drawn);
      }
    }

    clear() {
      this.select(-1, -1, true);
      inspector.hidden = true;
    }

    known() {
      const at = this.step;
      const frame = this.rows[at] ? this.rows[at].dataset.f : '0';
      return (this.segments || [])
        .filter((seg) => Number(seg.dataset.a) <= at && at < Number(seg.dataset.b) && seg.dataset.f === frame);
    }

    describe(row, drawn) {
      const what = inspector.querySelector('.what');
      const top = element('div', 'top');
      const name = row ? row.cells[1].querySelector('code').textContent : drawn ? drawn.lastElementChild.textContent : '';
      top.append(element('strong', '', this.insn + ': ' + name));
      const source = row ? row.cells[2].textContent : '';
      top.append(element('span', 'source', source || (row ? '' : 'not on the path that failed')));
      const regs = element('div', 'regs');
      for (const seg of this.known()) {
        const text = seg.querySelector('title').textContent;
        regs.append(element('span', Number(seg.dataset.a) === this.step ? 'new' : '', text));
      }
      what.replaceChildren(top, regs);
      inspector.hidden = false;
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
    const link = target.closest('.cause, .jump, .graph .i');
    if (!link) return;
    const log = logOf(link);
    if (link.matches('a')) event.preventDefault();
    if (link.matches('.jump') && log.graph) log.graph.scrollIntoView({ block: 'nearest' });
    log.select(Number(link.dataset.i));
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
      '+': () => log.scale(1),
      '-': () => log.scale(-1),
      0: () => log.scale(0),
      '?': showKeys,
      Escape: () => log.clear(),
    };
    if (event.key in arrows) {
      if (inStory) log.moveInStory(arrows[event.key]);
      else log.move(arrows[event.key]);
    } else if (Object.hasOwn(keys, event.key) && (log || event.key === 't' || event.key === '?')) {
      keys[event.key]();
    } else return;
    event.preventDefault();
  });
})();
