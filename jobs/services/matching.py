"""One-to-one matchings in sparse bipartite graphs; pure.

A graph is {left: {right: weight}}, its weights above 0.
"""

from collections.abc import Iterator

Graph = dict[int, dict[int, float]]

#: The largest side of a component whose best matching is sought exactly; larger ones are matched greedily.
EXACT = 64


def has_perfect(graph: Graph, size: int) -> bool:
    """Whether all of 0…size-1 on the left can have a partner of their own on the right."""
    partner: dict[int, int] = {}
    return all(_augment(graph, left, partner) for left in range(size))


def best_weight(graph: Graph) -> float:
    """The largest sum of weights that a matching has."""
    return sum(_best(part) for part in _components(graph))


def _augment(graph: Graph, left: int, partner: dict[int, int]) -> bool:
    """Give the left vertex a partner, others moving on if they must (Kuhn's algorithm without recursion)."""
    seen: set[int] = set()
    # The way so far: who seeks, and through which right vertex the one before came here.
    path = [(left, -1, _by_weight(graph, left))]
    while path:
        _seeker, _through, options = path[-1]
        for right in options:
            if right in seen:
                continue
            seen.add(right)
            if right not in partner:
                for seeker, through, _rest in reversed(path):
                    partner[right] = seeker
                    right = through
                return True
            path.append((partner[right], right, _by_weight(graph, partner[right])))
            break
        else:
            path.pop()
    return False


def _by_weight(graph: Graph, left: int) -> Iterator[int]:
    edges = graph.get(left, {})
    return iter(sorted(edges, key=lambda right: (-edges[right], right)))


def _components(graph: Graph) -> Iterator[Graph]:
    neighbours: dict[int, list[int]] = {}
    for left, edges in graph.items():
        for right in edges:
            neighbours.setdefault(right, []).append(left)
    open_ = set(graph)
    for start in graph:
        if start not in open_:
            continue
        open_.discard(start)
        found, stack = {}, [start]
        while stack:
            left = stack.pop()
            found[left] = graph[left]
            for right in graph[left]:
                for other in neighbours.pop(right, ()):
                    if other in open_:
                        open_.discard(other)
                        stack.append(other)
        yield found


def _best(graph: Graph) -> float:
    rights = sorted({right for edges in graph.values() for right in edges})
    if max(len(graph), len(rights)) > EXACT:
        return _greedy(graph)
    weights = [[edges.get(right, 0.0) for right in rights] for edges in graph.values()]
    if len(weights) > len(rights):
        weights = [list(column) for column in zip(*weights, strict=True)]
    return _hungarian(weights)


def _greedy(graph: Graph) -> float:
    edges = sorted(
        (-weight, left, right) for left, rights in graph.items() for right, weight in rights.items()
    )
    lefts, rights = set(), set()
    total = 0.0
    for weight, left, right in edges:
        if left not in lefts and right not in rights:
            lefts.add(left)
            rights.add(right)
            total -= weight
    return total


def _hungarian(weights: list[list[float]]) -> float:
    """The largest sum of one weight of every row, each of another column; no more rows than columns.

    The Hungarian algorithm with potentials: rows join one by one, each by the cheapest way of exchanges.
    """
    rows, columns = len(weights), len(weights[0])
    row_potential, column_potential = [0.0] * (rows + 1), [0.0] * (columns + 1)
    #: Column → its row, counted from 1; column 0 holds the row that is joining.
    row_of = [0] * (columns + 1)
    for row in range(1, rows + 1):
        row_of[0], column = row, 0
        least, before = [float("inf")] * (columns + 1), [0] * (columns + 1)
        used = [False] * (columns + 1)
        while row_of[column]:
            used[column] = True
            current, step, following = row_of[column], float("inf"), 0
            for other in range(1, columns + 1):
                if used[other]:
                    continue
                cost = (
                    -weights[current - 1][other - 1]
                    - row_potential[current]
                    - column_potential[other]
                )
                if cost < least[other]:
                    least[other], before[other] = cost, column
                if least[other] < step:
                    step, following = least[other], other
            for other in range(columns + 1):
                if used[other]:
                    row_potential[row_of[other]] += step
                    column_potential[other] -= step
                else:
                    least[other] -= step
            column = following
        while column:
            row_of[column], column = row_of[before[column]], before[column]
    return sum(
        weights[row_of[column] - 1][column - 1]
        for column in range(1, columns + 1)
        if row_of[column]
    )
