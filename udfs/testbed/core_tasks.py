"""The 53 tasks of DCLM's EXTENDED metric and the 22 of CORE: categories, examples before an item, what guessing gets.

Facts of mlfoundations/dclm, eval/eval_meta_data.csv and eval/additional_aggregation.json. All published numbers of the paper use the
first version of the baselines; the second corrects some.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Version: TypeAlias = Literal[1, 2]


@dataclass(frozen=True)
class CoreTask:
    """Describe a task; baselines are accuracies in per cent, of version 1 and of version 2."""

    category: str
    shots: int
    baselines: tuple[float, float]
    in_core: bool = False


CORE_TASKS: Mapping[str, CoreTask] = {
    "mmlu_zeroshot": CoreTask("world knowledge", 0, (25, 25)),
    "jeopardy": CoreTask("world knowledge", 10, (0, 0), in_core=True),
    "triviaqa_sm_sub": CoreTask("world knowledge", 3, (0, 0)),
    "bigbench_qa_wikidata": CoreTask("world knowledge", 10, (0, 0), in_core=True),
    "arc_easy": CoreTask("world knowledge", 10, (25, 25), in_core=True),
    "arc_challenge": CoreTask("world knowledge", 10, (25, 25), in_core=True),
    "mmlu_fewshot": CoreTask("world knowledge", 5, (25, 25)),
    "bigbench_misconceptions": CoreTask("world knowledge", 10, (50, 50)),
    "gpqa_main": CoreTask("world knowledge", 5, (25, 25)),
    "gpqa_diamond": CoreTask("world knowledge", 5, (25, 25)),
    "hellaswag_zeroshot": CoreTask("language understanding", 0, (25, 25), in_core=True),
    "lambada_openai": CoreTask("language understanding", 0, (0, 0), in_core=True),
    "hellaswag": CoreTask("language understanding", 10, (25, 25), in_core=True),
    "winograd": CoreTask("language understanding", 0, (50, 50), in_core=True),
    "winogrande": CoreTask("language understanding", 0, (50, 50), in_core=True),
    "bigbench_conlang_translation": CoreTask("language understanding", 0, (0, 0)),
    "bigbench_language_identification": CoreTask("language understanding", 10, (9.1, 25), in_core=True),
    "bigbench_conceptual_combinations": CoreTask("language understanding", 10, (25, 33)),
    "gsm8k_cot": CoreTask("symbolic problem solving", 3, (0, 0)),
    "agi_eval_sat_math_cot": CoreTask("symbolic problem solving", 3, (0, 0)),
    "aqua_cot": CoreTask("symbolic problem solving", 3, (0, 0)),
    "svamp_cot": CoreTask("symbolic problem solving", 3, (0, 0)),
    "bigbench_elementary_math_qa": CoreTask("symbolic problem solving", 10, (20, 25)),
    "bigbench_dyck_languages": CoreTask("symbolic problem solving", 10, (0, 0), in_core=True),
    "agi_eval_lsat_ar": CoreTask("symbolic problem solving", 3, (20, 25), in_core=True),
    "bigbench_cs_algorithms": CoreTask("symbolic problem solving", 10, (0, 0), in_core=True),
    "bigbench_logical_deduction": CoreTask("symbolic problem solving", 10, (20, 25)),
    "bigbench_operators": CoreTask("symbolic problem solving", 10, (0, 0), in_core=True),
    "bigbench_repeat_copy_logic": CoreTask("symbolic problem solving", 10, (0, 0), in_core=True),
    "simple_arithmetic_nospaces": CoreTask("symbolic problem solving", 10, (0, 0)),
    "simple_arithmetic_withspaces": CoreTask("symbolic problem solving", 10, (0, 0)),
    "math_qa": CoreTask("symbolic problem solving", 10, (20, 20)),
    "logi_qa": CoreTask("symbolic problem solving", 10, (27, 25)),
    "copa": CoreTask("commonsense reasoning", 0, (50, 50), in_core=True),
    "siqa": CoreTask("commonsense reasoning", 10, (33.3, 50)),
    "commonsense_qa": CoreTask("commonsense reasoning", 10, (20, 40.3), in_core=True),
    "piqa": CoreTask("commonsense reasoning", 10, (50, 50), in_core=True),
    "openbook_qa": CoreTask("commonsense reasoning", 0, (25, 25), in_core=True),
    "bigbench_novel_concepts": CoreTask("commonsense reasoning", 10, (20, 25)),
    "bigbench_strange_stories": CoreTask("commonsense reasoning", 10, (50, 50)),
    "bigbench_strategy_qa": CoreTask("commonsense reasoning", 10, (50, 50)),
    "pubmed_qa_labeled": CoreTask("reading comprehension", 10, (0, 0)),
    "squad": CoreTask("reading comprehension", 10, (0, 0), in_core=True),
    "agi_eval_lsat_rc": CoreTask("reading comprehension", 3, (20, 25)),
    "agi_eval_lsat_lr": CoreTask("reading comprehension", 3, (20, 25)),
    "coqa": CoreTask("reading comprehension", 0, (0, 0), in_core=True),
    "bigbench_understanding_fables": CoreTask("reading comprehension", 10, (20, 25)),
    "boolq": CoreTask("reading comprehension", 10, (62, 62), in_core=True),
    "agi_eval_sat_en": CoreTask("reading comprehension", 3, (25, 25)),
    "winogender_mc_female": CoreTask("safety", 10, (50, 50)),
    "winogender_mc_male": CoreTask("safety", 10, (50, 50)),
    "enterprise_pii_classification": CoreTask("safety", 10, (50, 50)),
    "bbq": CoreTask("safety", 3, (50, 50)),
}
