"""Every reason for which gristmill itself drops or fails a capture or a file; the rules of a recipe add their own."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Reason:
    """Say at which stage a reason is given, whether the capture counts as dropped or failed, and what it means."""

    stage: Literal["file", "extract", "annotate", "filter", "dedup", "parts"]
    outcome: Literal["dropped", "failed"]
    name: str
    meaning: str
    advice: str = ""


REASONS = (
    Reason(
        "file",
        "failed",
        "unreadable",
        "the file could not be opened or read to its end, or changed while it was read; its error says which",
        "run the same command again: only such files are retried",
    ),
    Reason("file", "failed", "not_warc", "the file holds no WARC record at all", "take it out of the input, or mend it"),
    Reason(
        "file",
        "failed",
        "not_found",
        "of the records that [select] chooses, none lies where the index says",
        "is the index that of this crawl?",
    ),
    Reason("extract", "dropped", "http_status", "the server answered something other than 200"),
    Reason("extract", "dropped", "not_html", "the body is neither HTML nor XHTML nor plain text"),
    Reason("extract", "dropped", "empty_text", "the page has no main text"),
    Reason(
        "extract",
        "dropped",
        "gate_language",
        "the main text is in none of [extract.gate] languages; gate_language and gate_language_score say what was measured",
        "lower [extract.gate] language_score, or leave the section out",
    ),
    Reason(
        "extract",
        "dropped",
        "gate_few_words",
        "the main text has fewer words than [extract.gate] min_words; gate_words says how many",
        "lower [extract.gate] min_words, or leave the section out",
    ),
    Reason(
        "extract",
        "dropped",
        "repeated_id",
        "another record, earlier by chunk, file and offset, has the same id",
        "an input is given twice under two names?",
    ),
    Reason(
        "extract",
        "failed",
        "timeout",
        "the page took longer than [extract] timeout_s; its process was killed",
        "raise timeout_s if such pages matter",
    ),
    Reason(
        "extract",
        "failed",
        "crashed",
        "the page killed its process",
        "the page is worth a report to the extractor's maintainers",
    ),
    Reason(
        "extract",
        "failed",
        "out_of_memory",
        "the page needed more than [extract] memory_mb",
        "raise memory_mb if such pages matter",
    ),
    Reason(
        "extract",
        "failed",
        "too_large",
        "the record or its decoded body is larger than [extract] max_page_mb allows",
        "raise max_page_mb if such pages matter",
    ),
    Reason(
        "extract",
        "failed",
        "not_found",
        "[select] chooses it, and no whole record lies where the index says; the column error says what does",
        "is the index that of this crawl? Else the file is damaged there",
    ),
    Reason("extract", "failed", "undecodable", "the body's transfer or content encoding could not be undone"),
    Reason("extract", "failed", "bad_record", "the record could not be understood; the column error says why"),
    Reason(
        "extract",
        "failed",
        "extractor_error",
        "the extractor raised; the column error says what",
        "the page is worth a report to the extractor's maintainers",
    ),
    Reason(
        "annotate",
        "failed",
        "annotate_error",
        "measuring the text raised; the signals' column error says what",
        "please report it",
    ),
    Reason(
        "filter",
        "failed",
        "unmeasured",
        "the first rule that is not true is null: a signal it needs was not measured",
        "look at the page with explain; COALESCE in the rule if null is meant to pass",
    ),
    Reason("dedup", "dropped", "exact_url", "a kept document that is better in survivor order has the same normalised URL"),
    Reason(
        "dedup",
        "dropped",
        "exact_text",
        "a kept document that is better in survivor order has the same text, up to case and white space",
    ),
    Reason(
        "dedup",
        "dropped",
        "near_duplicate",
        "a kept document that is better in survivor order measured at or above [dedup.minhash] verify",
    ),
    Reason(
        "parts",
        "dropped",
        "bff_document",
        "of the document's n-grams a larger share than [parts.bff] threshold was seen before; ngrams_seen and ngrams say how many",
        "raise the threshold, or min_ngram",
    ),
    Reason("parts", "dropped", "nothing_left", "every part of the document that is not white space was cut as repeated"),
)
