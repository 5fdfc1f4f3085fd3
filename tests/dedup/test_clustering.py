"""Laws of clustering, on random graphs."""

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup.clustering import average_linkage, bounded_components, cluster, components
from dedup.guarding import ALWAYS, NEVER
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
    left, right = np.arange(5, dtype=np.int32), np.arange(1, 6, dtype=np.int32)
    odds = np.array([9.0, 9.0, 0.5, 9.0, 9.0])
    root = bounded_components(left, right, odds, 6, least=0.0, largest=3)
    assert root.tolist() == [0, 0, 0, 3, 3, 3]


def linked(matrix: list[list[float]]) -> list[int]:
    return average_linkage(np.array([matrix]), least=-0.5)[0].tolist()


def test_a_chain_whose_ends_disagree_is_broken() -> None:
    assert linked([[0, 5, -4], [5, 0, 1], [-4, 1, 0]]) == [0, 0, 2]


def test_a_missing_link_does_not_break_a_cluster_that_agrees_on_the_whole() -> None:
    assert linked([[0, 6, -2], [6, 0, 6], [-2, 6, 0]]) == [0, 0, 0]


@given(st.lists(st.floats(-6, 9), min_size=10, max_size=10))
def test_groups_linked_in_one_stack_are_linked_as_if_alone(odds: list[float]) -> None:
    matrix = np.zeros((5, 5))
    matrix[np.triu_indices(5, 1)] = odds
    matrix += matrix.T
    other = np.full((5, 5), 3.0)
    alone = average_linkage(matrix[None], least=-0.5)[0]
    assert average_linkage(np.stack([other, matrix]), least=-0.5)[1].tolist() == alone.tolist()


@given(EDGES, st.integers(0, NODES - 1), st.integers(0, NODES - 1))
def test_a_judgement_of_different_holds_in_every_graph(edges: list[tuple[int, int]], one: int, two: int) -> None:
    if one == two or not edges:
        return
    pairs = np.unique(np.sort(np.column_stack(sides(edges)), axis=1), axis=0).astype(np.int32)
    said = np.array([sorted((one, two))], np.int32)
    grouped = cluster(
        pairs,
        np.full(len(pairs), 6.0),
        NODES,
        said=(said, np.array([NEVER])),
        weigh=lambda inner: np.full(len(inner), 6.0),
        threshold=0.5,
        rules=Clustering(),
    )
    kept = {tuple(pair) for pair in pairs.tolist()} - {tuple(said[0].tolist())}
    assert not kept or grouped.label[one] != grouped.label[two]


def test_a_judgement_of_same_joins_two_that_nothing_else_links() -> None:
    grouped = cluster(
        np.empty((0, 2), np.int32),
        np.empty(0),
        3,
        said=(np.array([[0, 2]], np.int32), np.array([ALWAYS])),
        weigh=lambda inner: np.full(len(inner), -9.0),
        threshold=0.5,
        rules=Clustering(),
    )
    assert grouped.label.tolist() == [0, 1, 0]
