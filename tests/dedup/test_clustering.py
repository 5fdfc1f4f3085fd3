"""Laws of clustering, on random graphs."""

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup.clustering import average_linkage, bounded_components, components, linked, pairs_inside, spoken_against
from dedup.guarding import NEVER, Said, overruled
from dedup.rules import Clustering

NODES = 12
EDGES = st.lists(
    st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)).filter(lambda e: e[0] != e[1]), max_size=30
)


def sides(edges: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    table = np.array(edges, np.int32).reshape(-1, 2)
    return table[:, 0], table[:, 1]


@given(EDGES)
def test_components_are_those_of_networkx(edges: list[tuple[int, int]]) -> None:
    graph = nx.Graph()
    graph.add_nodes_from(range(NODES))
    graph.add_edges_from(edges)
    expected = {node: min(part) for part in nx.connected_components(graph) for node in part}
    assert components(*sides(edges), NODES).tolist() == [expected[node] for node in range(NODES)]


@given(EDGES, st.randoms())
def test_components_do_not_depend_on_the_order_of_pairs(edges, random) -> None:  # type: ignore[no-untyped-def]
    shuffled = [edge if random.random() < 0.5 else edge[::-1] for edge in random.sample(edges, len(edges))]
    assert components(*sides(edges), NODES).tolist() == components(*sides(shuffled), NODES).tolist()


def test_a_component_that_is_too_large_is_cut_where_it_is_weakest() -> None:
    chain = np.column_stack([np.arange(5), np.arange(1, 6)]).astype(np.int32)
    root = bounded_components(chain, np.array([9.0, 9.0, 0.5, 9.0, 9.0]), 6, least=0.0, largest=3)
    assert root.tolist() == [0, 0, 0, 3, 3, 3]


def link(matrix: list[list[float]]) -> list[int]:
    return average_linkage(np.array([matrix]), least=-0.5)[0].tolist()


def test_a_chain_whose_ends_disagree_is_broken() -> None:
    assert link([[0, 5, -4], [5, 0, 1], [-4, 1, 0]]) == [0, 0, 2]


def test_a_missing_link_does_not_break_a_cluster_that_agrees_on_the_whole() -> None:
    assert link([[0, 6, -2], [6, 0, 6], [-2, 6, 0]]) == [0, 0, 0]


def test_what_is_unknown_counts_little_and_what_speaks_against_a_pair_counts_in_full() -> None:
    odds, evidence = np.array([-11.0, -11.0, 3.0, NEVER]), np.array([0.0, -6.0, 9.0, 0.0])
    assert spoken_against(odds, evidence, Clustering()).tolist() == [-2, -11, 3, NEVER]


@given(st.lists(st.floats(-6, 9), min_size=10, max_size=10))
def test_groups_linked_in_one_stack_are_linked_as_if_alone(odds: list[float]) -> None:
    matrix = np.zeros((5, 5))
    matrix[np.triu_indices(5, 1)] = odds
    matrix += matrix.T
    other = np.full((5, 5), 3.0)
    alone = average_linkage(matrix[None], least=-0.5)[0]
    assert average_linkage(np.stack([other, matrix]), least=-0.5)[1].tolist() == alone.tolist()


@given(EDGES, st.integers(0, NODES - 1), st.integers(1, NODES - 1))
def test_two_judged_different_are_apart_in_every_graph(edges: list[tuple[int, int]], one: int, gap: int) -> None:
    said = Said(np.array([sorted((one, (one + gap) % NODES))], np.int32), np.array([NEVER]))
    pairs = np.unique(np.sort(np.array(edges, np.int32).reshape(-1, 2), axis=1), axis=0)
    odds = overruled(pairs, np.full(len(pairs), 6.0), said)
    component = bounded_components(pairs, odds, NODES, least=0.0, largest=200)
    inner = pairs_inside(component)
    label = linked(component, inner, overruled(inner, np.full(len(inner), 6.0), said), Clustering())
    assert label[said.pairs[0, 0]] != label[said.pairs[0, 1]]


def test_clusters_of_a_graph_that_agrees_on_the_whole_are_its_components() -> None:
    component = np.array([0, 0, 2, 2, 2, 5], np.int32)
    inner = pairs_inside(component)
    assert inner.tolist() == [[0, 1], [2, 3], [2, 4], [3, 4]]
    assert linked(component, inner, np.full(len(inner), 2.0), Clustering()).tolist() == component.tolist()
