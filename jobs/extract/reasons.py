"""The reasons for which extract drops or fails a page or a file."""

from jobs.engine.reason import Reason

EXTRACT = (
    Reason("failed", "not_warc", "the file holds no WARC record at all", "take it out of the input, or mend it", scope="file"),
    Reason(
        "failed",
        "not_found",
        "of the records that [extract.index_filter] chooses, none lies where the index says",
        "is the index that of this crawl?",
        scope="file",
    ),
    Reason("dropped", "http_status", "the server answered something other than 200"),
    Reason("dropped", "not_html", "the body is neither HTML nor XHTML nor plain text"),
    Reason(
        "dropped",
        "not_page",
        "a crawler's own record (a log, a list, a picture or the text of a page, a name's address), a robots.txt or its like, "
        "or a list of addresses",
    ),
    Reason("dropped", "empty_text", "the page has no main text"),
    Reason(
        "dropped",
        "gate_language",
        "the text is in none of [extract.gate] languages; gate_language and gate_language_score say what was measured",
        "lower [extract.gate] min_language_score, or leave the section out",
    ),
    Reason(
        "dropped",
        "gate_few_words",
        "the main text has fewer words than [extract.gate] min_words; gate_words says how many",
        "lower [extract.gate] min_words, or leave the section out",
    ),
    Reason(
        "failed",
        "timeout",
        "the page took more CPU seconds than [extract] max_cpu_s, or more by the clock than max_wall_s; its process was killed",
        "raise max_cpu_s if such pages matter",
    ),
    Reason("failed", "crashed", "the page killed its process", "the page is worth a report to the extractor's maintainers"),
    Reason(
        "failed",
        "out_of_memory",
        "the page needed more than [extract] max_memory_mb",
        "raise max_memory_mb if such pages matter",
    ),
    Reason(
        "failed",
        "too_large",
        "the record or its decoded body is larger than [extract] max_page_mb allows",
        "raise max_page_mb if such pages matter",
    ),
    Reason(
        "failed",
        "not_found",
        "[extract.index_filter] chooses it, and no whole record lies where the index says; the column error says what does",
        "is the index that of this crawl? Else the file is damaged there",
    ),
    Reason("failed", "undecodable", "the body's transfer or content encoding could not be undone"),
    Reason("failed", "bad_record", "the record could not be understood; the column error says why"),
    Reason(
        "failed",
        "extractor_error",
        "the extractor raised; the column error says what",
        "the page is worth a report to the extractor's maintainers",
    ),
)
