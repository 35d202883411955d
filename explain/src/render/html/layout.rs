//! A layered layout of a directed graph: layers from top to bottom, few crossings, straight edges.
//!
//! The steps are the usual ones (Sugiyama, Tagawa and Toda 1981): turn back edges around, put each node below all that lead to
//! it, order each layer by the middle of its neighbours, and place the nodes. Edges of several layers run through bends, one
//! in each layer. Edges to the same node share their bends: programs have many jumps to one way out, and a bundle of them
//! reads better than a wall of parallel lines.

use std::collections::{BTreeMap, BTreeSet};

/// The free space between layers, in pixels.
const LAYER_GAP: f64 = 38.0;

/// The free space between nodes of a layer, in pixels.
const NODE_GAP: f64 = 26.0;

/// How often the layers are put in order, and the nodes in place.
const SWEEPS: usize = 14;

/// What is laid out: sizes of nodes, and edges with a weight; heavy ones become straight.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) nodes: Vec<(f64, f64)>,
    pub(super) edges: Vec<(usize, usize, f64)>,
}

/// Where everything is, in pixels.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// The upper left corner of each node.
    pub(super) nodes: Vec<(f64, f64)>,
    /// Where the layer of each node ends, below its tallest node.
    pub(super) floors: Vec<f64>,
    /// For each edge the points it runs through, from its tail to its head, without its ends at the nodes: top and bottom of
    /// each layer that it crosses.
    pub(super) bends: Vec<Vec<(f64, f64)>>,
    /// Whether the edge leads upwards.
    pub(super) back: Vec<bool>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A node of the layered graph: one of the given, or a bend.
#[derive(Debug, Clone)]
struct Vertex {
    layer: usize,
    width: f64,
    is_bend: bool,
    up: Vec<(usize, f64)>,
    down: Vec<(usize, f64)>,
}

pub(super) fn layout(graph: &Graph) -> Layout {
    let count = graph.nodes.len();
    if count == 0 {
        return Layout::default();
    }
    let back = back_edges(graph);
    let layers_of = layers(graph, &back);
    let (vertices, chains) = with_bends(graph, &back, &layers_of);
    let mut layers: Vec<Vec<usize>> =
        vec![Vec::new(); 1 + layers_of.iter().max().copied().unwrap_or_default()];
    for (vertex, at) in vertices.iter().enumerate() {
        layers[at.layer].push(vertex);
    }
    order(&vertices, &mut layers);
    let centres = place(&vertices, &layers);

    let mut tops = Vec::with_capacity(layers.len());
    let mut y = 0.0;
    for layer in &layers {
        let tall = layer.iter().filter(|vertex| **vertex < count).map(|vertex| graph.nodes[*vertex].1);
        let tall = tall.fold(0.0, f64::max);
        tops.push((y, y + tall));
        y += tall + LAYER_GAP;
    }
    let left = (0..vertices.len()).map(|at| centres[at] - vertices[at].width / 2.0).fold(f64::MAX, f64::min);
    let right = (0..vertices.len()).map(|at| centres[at] + vertices[at].width / 2.0).fold(f64::MIN, f64::max);
    let bends = chains
        .iter()
        .enumerate()
        .map(|(edge, chain)| {
            let mut points: Vec<(f64, f64)> = Vec::new();
            for vertex in chain {
                let (top, bottom) = tops[vertices[*vertex].layer];
                points.extend([(centres[*vertex] - left, top), (centres[*vertex] - left, bottom)]);
            }
            if back[edge] {
                points.reverse();
            }
            points
        })
        .collect();
    let nodes = (0..count)
        .map(|node| (centres[node] - left - graph.nodes[node].0 / 2.0, tops[vertices[node].layer].0))
        .collect();
    let floors = (0..count).map(|node| tops[vertices[node].layer].1).collect();
    Layout { nodes, floors, bends, back, width: right - left, height: y - LAYER_GAP }
}

/// The edges that lead back to a node above; loops on one node are none.
fn back_edges(graph: &Graph) -> Vec<bool> {
    let mut out: Vec<Vec<(usize, usize)>> = vec![Vec::new(); graph.nodes.len()];
    for (edge, (from, to, _)) in graph.edges.iter().enumerate() {
        out[*from].push((edge, *to));
    }
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        Not,
        Open,
        Done,
    }
    let mut seen = vec![Seen::Not; graph.nodes.len()];
    let mut back = vec![false; graph.edges.len()];
    for root in 0..graph.nodes.len() {
        if seen[root] != Seen::Not {
            continue;
        }
        seen[root] = Seen::Open;
        let mut stack = vec![(root, 0)];
        while let Some((node, next)) = stack.last_mut() {
            let node = *node;
            let Some((edge, to)) = out[node].get(*next).copied() else {
                seen[node] = Seen::Done;
                stack.pop();
                continue;
            };
            *next += 1;
            match seen[to] {
                Seen::Not => {
                    seen[to] = Seen::Open;
                    stack.push((to, 0));
                }
                Seen::Open => back[edge] = to != node,
                Seen::Done => {}
            }
        }
    }
    back
}

/// An edge from its upper to its lower end.
fn downwards(edge: &(usize, usize, f64), back: bool) -> (usize, usize) {
    if back { (edge.1, edge.0) } else { (edge.0, edge.1) }
}

/// The layer of each node: one below the lowest that leads to it.
fn layers(graph: &Graph, back: &[bool]) -> Vec<usize> {
    let mut layers = vec![0; graph.nodes.len()];
    let mut waiting = vec![0_usize; graph.nodes.len()];
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); graph.nodes.len()];
    for (edge, back) in graph.edges.iter().zip(back) {
        let (from, to) = downwards(edge, *back);
        if from != to {
            out[from].push(to);
            waiting[to] += 1;
        }
    }
    let mut ready: Vec<usize> = (0..graph.nodes.len()).filter(|node| waiting[*node] == 0).collect();
    while let Some(node) = ready.pop() {
        for to in &out[node] {
            layers[*to] = layers[*to].max(layers[node] + 1);
            waiting[*to] -= 1;
            if waiting[*to] == 0 {
                ready.push(*to);
            }
        }
    }
    layers
}

/// The layered graph, and the bends of each edge from top to bottom.
fn with_bends(graph: &Graph, back: &[bool], layers_of: &[usize]) -> (Vec<Vertex>, Vec<Vec<usize>>) {
    let mut vertices: Vec<Vertex> = graph
        .nodes
        .iter()
        .zip(layers_of)
        .map(|((width, _), layer)| Vertex {
            layer: *layer,
            width: *width,
            is_bend: false,
            up: Vec::new(),
            down: Vec::new(),
        })
        .collect();
    // The bends that lead to a node, by layer; those of back edges, which end elsewhere, by themselves.
    let mut shared: BTreeMap<(usize, bool, usize), usize> = BTreeMap::new();
    let mut joined: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut chains = Vec::with_capacity(graph.edges.len());
    for (edge, back) in graph.edges.iter().zip(back) {
        let (from, to) = downwards(edge, *back);
        let mut chain = Vec::new();
        if from != to {
            let mut above = from;
            for layer in layers_of[from] + 1..layers_of[to] {
                let bend = *shared.entry((to, *back, layer)).or_insert_with(|| {
                    vertices.push(Vertex {
                        layer,
                        width: 10.0,
                        is_bend: true,
                        up: Vec::new(),
                        down: Vec::new(),
                    });
                    vertices.len() - 1
                });
                chain.push(bend);
                join(&mut vertices, &mut joined, above, bend, edge.2);
                above = bend;
            }
            join(&mut vertices, &mut joined, above, to, edge.2);
        }
        chains.push(chain);
    }
    (vertices, chains)
}

fn join(
    vertices: &mut [Vertex],
    joined: &mut BTreeSet<(usize, usize)>,
    above: usize,
    below: usize,
    weight: f64,
) {
    if joined.insert((above, below)) {
        let weight = if vertices[above].is_bend && vertices[below].is_bend { weight * 4.0 } else { weight };
        vertices[above].down.push((below, weight));
        vertices[below].up.push((above, weight));
    }
}

/// Puts each layer in the order of the middle of its neighbours, and keeps the order with the fewest crossings.
fn order(vertices: &[Vertex], layers: &mut [Vec<usize>]) {
    let mut best = layers.to_vec();
    let mut fewest = crossings(vertices, layers);
    let mut position = vec![0.0; vertices.len()];
    let number = |layers: &[Vec<usize>], position: &mut [f64]| {
        for layer in layers {
            for (place, vertex) in layer.iter().enumerate() {
                position[*vertex] = place as f64;
            }
        }
    };
    for down in [true, false].into_iter().cycle().take(SWEEPS) {
        if fewest == 0 {
            break;
        }
        number(layers, &mut position);
        let mut each: Vec<usize> = (0..layers.len()).collect();
        if !down {
            each.reverse();
        }
        for layer in each {
            let middle = |vertex: usize| {
                let near = if down { &vertices[vertex].up } else { &vertices[vertex].down };
                if near.is_empty() {
                    return position[vertex];
                }
                near.iter().map(|(other, _)| position[*other]).sum::<f64>() / near.len() as f64
            };
            let mut keyed: Vec<(f64, usize)> =
                layers[layer].iter().map(|vertex| (middle(*vertex), *vertex)).collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            layers[layer] = keyed.into_iter().map(|(_, vertex)| vertex).collect();
            for (place, vertex) in layers[layer].iter().enumerate() {
                position[*vertex] = place as f64;
            }
        }
        let now = crossings(vertices, layers);
        if now < fewest {
            fewest = now;
            best = layers.to_vec();
        }
    }
    layers.clone_from_slice(&best);
}

/// How many edges cross, counted as inversions with a Fenwick tree.
fn crossings(vertices: &[Vertex], layers: &[Vec<usize>]) -> usize {
    let mut place = vec![0; vertices.len()];
    for layer in layers {
        for (at, vertex) in layer.iter().enumerate() {
            place[*vertex] = at;
        }
    }
    let mut crossed = 0;
    for pair in layers.windows(2) {
        let mut tree = vec![0_usize; pair[1].len() + 1];
        let mut inserted = 0;
        for vertex in &pair[0] {
            let mut heads: Vec<usize> = vertices[*vertex].down.iter().map(|(head, _)| place[*head]).collect();
            heads.sort_unstable();
            for head in &heads {
                let mut at = head + 1;
                let mut not_after = 0;
                while at > 0 {
                    not_after += tree[at];
                    at &= at - 1;
                }
                crossed += inserted - not_after;
            }
            for head in heads {
                let mut at = head + 1;
                while at < tree.len() {
                    tree[at] += 1;
                    at += at & at.wrapping_neg();
                }
                inserted += 1;
            }
        }
    }
    crossed
}

/// The centre of each vertex: as near to its neighbours' as the order and the widths allow.
fn place(vertices: &[Vertex], layers: &[Vec<usize>]) -> Vec<f64> {
    let mut centres = vec![0.0; vertices.len()];
    for layer in layers {
        let mut x = 0.0;
        for vertex in layer {
            centres[*vertex] = x + vertices[*vertex].width / 2.0;
            x += vertices[*vertex].width + NODE_GAP;
        }
    }
    for sweep in 0..SWEEPS {
        let mut each: Vec<usize> = (0..layers.len()).collect();
        if sweep % 2 == 1 {
            each.reverse();
        }
        for layer in each {
            let wanted: Vec<(f64, f64)> = layers[layer]
                .iter()
                .map(|vertex| {
                    let at = &vertices[*vertex];
                    // The last two sweeps look both ways.
                    let near = at.up.iter().filter(|_| sweep % 2 == 0 || sweep + 2 >= SWEEPS);
                    let near = near.chain(at.down.iter().filter(|_| sweep % 2 == 1 || sweep + 2 >= SWEEPS));
                    let (sum, weight) = near.fold((0.0, 0.0), |(sum, all), (other, weight)| {
                        (sum + centres[*other] * weight, all + weight)
                    });
                    if weight > 0.0 { (sum / weight, weight) } else { (centres[*vertex], 0.1) }
                })
                .collect();
            let widths: Vec<f64> = layers[layer].iter().map(|vertex| vertices[*vertex].width).collect();
            for (vertex, centre) in layers[layer].iter().zip(spread(&wanted, &widths)) {
                centres[*vertex] = centre;
            }
        }
    }
    centres
}

/// The places nearest to the wanted ones (least squares, by weight) that keep order and distance: pooling of neighbours that
/// want to pass each other.
fn spread(wanted: &[(f64, f64)], widths: &[f64]) -> Vec<f64> {
    // Less the space to the left of each, order is all that's left to keep.
    let mut room = Vec::with_capacity(widths.len());
    let mut used = 0.0;
    for (at, width) in widths.iter().enumerate() {
        if at > 0 {
            used += widths[at - 1] / 2.0 + NODE_GAP + width / 2.0;
        }
        room.push(used);
    }
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for ((want, weight), room) in wanted.iter().zip(&room) {
        pools.push((want - room, *weight, 1));
        while let [.., (left, left_weight, left_many), (right, right_weight, right_many)] = pools[..] {
            if left <= right {
                break;
            }
            let weight = left_weight + right_weight;
            pools.truncate(pools.len() - 2);
            pools.push((
                (left * left_weight + right * right_weight) / weight,
                weight,
                left_many + right_many,
            ));
        }
    }
    let flat = pools.into_iter().flat_map(|(at, _, many)| std::iter::repeat_n(at, many));
    flat.zip(room).map(|(at, room)| at + room).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diamond() -> Graph {
        let nodes = vec![(100.0, 20.0); 5];
        let edges = vec![
            (0, 1, 1.0),
            (0, 2, 1.0),
            (1, 3, 1.0),
            (2, 3, 1.0),
            (3, 4, 1.0),
            (0, 4, 1.0),
            (3, 1, 1.0),
            (2, 2, 1.0),
        ];
        Graph { nodes, edges }
    }

    #[test]
    fn layers_go_down_and_nodes_do_not_touch() {
        let graph = diamond();
        let layout = layout(&graph);
        assert_eq!(layout.back, [false, false, false, false, false, false, true, false]);
        for (edge, (from, to, _)) in graph.edges.iter().enumerate() {
            let (from, to) = if layout.back[edge] { (to, from) } else { (from, to) };
            assert!(from == to || layout.nodes[*from].1 < layout.nodes[*to].1);
        }
        for (a, one) in layout.nodes.iter().enumerate() {
            assert!(one.0 >= 0.0 && one.0 + graph.nodes[a].0 <= layout.width + 0.01);
            for (b, other) in layout.nodes.iter().enumerate().skip(a + 1) {
                let apart = (one.0 - other.0).abs() >= graph.nodes[a].0
                    || (one.1 - other.1).abs() >= graph.nodes[b].1;
                assert!(apart, "{a} and {b} overlap");
            }
        }
        // From the first layer to the last by a bend in each between.
        assert_eq!(layout.bends[5].len(), 4);
    }

    #[test]
    fn places_keep_order_and_come_near() {
        let places = spread(&[(10.0, 1.0), (0.0, 1.0), (500.0, 1.0)], &[20.0, 20.0, 20.0]);
        assert!(places[1] - places[0] >= 20.0 + NODE_GAP - 1e-9);
        assert!((places[0] + places[1] - 10.0).abs() < 1e-9, "{places:?}");
        assert!((places[2] - 500.0).abs() < 1e-9);
    }

    #[test]
    fn the_programs_order_is_given_up_for_fewer_crossings_alone() {
        // All graphs of two layers with three nodes each.
        for edges in 0..1_u32 << 9 {
            let mut vertices: Vec<Vertex> = (0..6)
                .map(|node| Vertex {
                    layer: node / 3,
                    width: 1.0,
                    is_bend: false,
                    up: Vec::new(),
                    down: Vec::new(),
                })
                .collect();
            let mut joined = BTreeSet::new();
            for edge in (0..9).filter(|edge| edges >> edge & 1 == 1) {
                join(&mut vertices, &mut joined, edge / 3, 3 + edge % 3, 1.0);
            }
            let before = [vec![0, 1, 2], vec![3, 4, 5]];
            let mut layers = before.clone();
            order(&vertices, &mut layers);
            let gained = crossings(&vertices, &before) > crossings(&vertices, &layers);
            assert!(gained || layers == before, "{edges:#b}: {layers:?}");
        }
    }

    #[test]
    fn crossings_are_counted() {
        let vertex = |layer, down: &[usize]| Vertex {
            layer,
            width: 1.0,
            is_bend: false,
            up: Vec::new(),
            down: down.iter().map(|to| (*to, 1.0)).collect(),
        };
        let vertices = [vertex(0, &[3, 2]), vertex(0, &[2]), vertex(1, &[]), vertex(1, &[])];
        assert_eq!(crossings(&vertices, &[vec![0, 1], vec![2, 3]]), 1);
        assert_eq!(crossings(&vertices, &[vec![1, 0], vec![2, 3]]), 0);
    }
}
