"""Two rankings become one. The numbers are worked out by hand."""

import pytest

from indexer.fusion import RRF_K, reciprocal_rank_fusion


def test_an_item_scores_the_sum_of_its_reciprocal_ranks() -> None:
    fused = reciprocal_rank_fusion({"words": [7, 8], "meaning": [8, 9]}, {}, k=60)
    assert fused == pytest.approx({7: 1 / 61, 8: 1 / 62 + 1 / 61, 9: 1 / 62})


def test_k_is_ten_unless_told_otherwise() -> None:
    assert RRF_K == 10
    assert reciprocal_rank_fusion({"words": [1, 2]}, {}) == pytest.approx({1: 1 / 11, 2: 1 / 12})


def test_weights_multiply_a_ranking() -> None:
    fused = reciprocal_rank_fusion({"words": [1], "meaning": [2]}, {"words": 3.0, "meaning": 0.5}, k=0)
    assert fused == pytest.approx({1: 3.0, 2: 0.5})


def test_a_ranking_without_a_weight_counts_once() -> None:
    assert reciprocal_rank_fusion({"words": [1]}, {"meaning": 9.0}, k=1) == pytest.approx({1: 0.5})


def test_second_twice_beats_first_once_when_k_is_large() -> None:
    rankings = {"words": [1, 2, 3], "meaning": [4, 2, 5]}
    fused = reciprocal_rank_fusion(rankings, {}, k=60)
    assert max(fused, key=lambda item: fused[item]) == 2


def test_no_rankings_give_no_scores() -> None:
    assert reciprocal_rank_fusion({}, {}) == {}
    assert reciprocal_rank_fusion({"words": []}, {}) == {}
