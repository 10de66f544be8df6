from datetime import date

import pytest

from udfs.page.date_forms import iso_date
from udfs.page.month_names import month_of

CAPTURED = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2024-01-05", "2024-01-05"),
        (" 2024-1-5 ", "2024-01-05"),
        ("2021/04/05", "2021-04-05"),
        ("2021/04", "2021-04"),
        ("2021", "2021"),
        ("20210405", "2021-04-05"),
        ("20210405T101112Z", "2021-04-05T10:11:12Z"),
        ("20210405101112", "2021-04-05T10:11:12"),
        ("2024-01-05T10:00:00+01:00", "2024-01-05T10:00:00+01:00"),
        ("2024-01-05T10:00:00%2B01:00", "2024-01-05T10:00:00+01:00"),
        ("2024-01-05T10:00:00&#x2B;01:00", "2024-01-05T10:00:00+01:00"),
        ("2024-01-05T10:00:00 01:00", "2024-01-05T10:00:00+01:00"),
        ("2024-01-05 10:00:00 -0430", "2024-01-05T10:00:00-04:30"),
        ("2024-01-05T10:00:00.25Z", "2024-01-05T10:00:00.25Z"),
        ("2024-01-05T10:00+01:00[Europe/Berlin]", "2024-01-05T10:00+01:00"),
        ("Fri, 05 Jan 2024 10:00:00 GMT", "2024-01-05T10:00:00Z"),
        ("Fri, 05 Jan 2024 10:00:00 +0530", "2024-01-05T10:00:00+05:30"),
        ("Fri Jan 05 10:00:00 CET 2024", "2024-01-05T10:00:00+01:00"),
        ("January 5, 2024", "2024-01-05"),
        ("Jan. 5th, 2024, 10:30 p.m.", "2024-01-05T22:30"),
        ("5 January 2024", "2024-01-05"),
        ("05-Jan-2024", "2024-01-05"),
        ("05.01.2024", "2024-01-05"),
        ("25/01/2024", "2024-01-25"),
        ("5. 1. 2024", "2024-01-05"),
        ("2024. 1. 5.", "2024-01-05"),
        ("2024-01-05 +02:00", "2024-01-05"),
        ("10:15, 05.01.2024", "2024-01-05T10:15"),
        ("01/25/2024", "2024-01-25"),
        ("2024年1月5日 10:00", "2024-01-05T10:00"),
        ("1577836800", "2020-01-01T00:00:00Z"),
        ("1577836800000", "2020-01-01T00:00:00Z"),
        ("2024-02-29", "2024-02-29"),
        ("2026-11-02", "2026-11-02"),
        ("Published: 2024-01-05", "2024-01-05"),
        ("5 January 2024, 10.30", "2024-01-05T10:30"),
        ("2024.01.05", "2024-01-05"),
    ],
)
def test_a_date_is_read_in_the_forms_that_publishers_use(text: str, found: str) -> None:
    assert iso_date(text, latest=CAPTURED) == found


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "yesterday",
            "5 minutes ago",
            "2024-13-45",
            "2023-02-29",
            "February 30, 2024",
            "0001-01-01T00:00:00Z",
            "1970-01-01",
        ),
        *(
            "05/01/2024",
            "2026-11-03",
            "2031",
            "1402/05/12",
            "2011-2015",
            "January 5",
            "5 May or 6 May 2024",
            "May or June 2024",
        ),
        *("12345", "99999999999999", "2024-00-00", "version 1.2.2024.7", "1970-01-01T00:00:00Z", "1" * 100_000),
    ],
)
def test_what_is_impossible_ambiguous_or_still_to_come_is_no_date(text: str) -> None:
    assert iso_date(text, latest=CAPTURED) is None


def test_a_time_that_is_none_leaves_the_day() -> None:
    assert iso_date("2024-01-05T25:00:00") == "2024-01-05"


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("5. Jänner 2024", "de-AT", "2024-01-05"),
        ("5. März 2024", "de", "2024-03-05"),
        ("1er février 2023", "fr", "2023-02-01"),
        ("5 de enero de 2024", "es", "2024-01-05"),
        ("5 января 2024 г., 10:00", "ru_RU", "2024-01-05T10:00"),
        ("3. ožujka 2020.", "hr", "2020-03-03"),
        ("١٢ مايو ٢٠٢١", "ar", "2021-05-12"),
        ("5 มกราคม 2567", "th", "2024-01-05"),
        ("2567-01-05", "th-TH", "2024-01-05"),
        ("05/01/2024", "fr", "2024-01-05"),
        ("05/01/2024", "en-US", "2024-05-01"),
        ("05/01/2024", "en-GB", "2024-01-05"),
        ("05/01/2024", "en", None),
        ("5 janvier 2024", "xx-nonsense", None),
    ],
)
def test_names_of_months_and_the_order_of_numbers_are_those_of_the_pages_language(
    text: str, language: str, found: str | None
) -> None:
    assert iso_date(text, language=language) == found


def test_an_abbreviation_of_two_months_names_none() -> None:
    assert (month_of("sept", ""), month_of("lis", "hr"), month_of("lis", "cs"), month_of("x", "de")) == (9, 10, 11, None)


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("vi", "5 tháng 1, 2024", "2024-01-05"),
        ("vi", "5 tháng 1 năm 2024", "2024-01-05"),
        ("hi", "5 जनवरी 2024", "2024-01-05"),
        ("he", "5 בינואר 2024", "2024-01-05"),
        ("sr", "5. januar 2024.", "2024-01-05"),
        ("sr", "5. јануар 2024.", "2024-01-05"),
        ("es", "5 de setiembre de 2023", "2023-09-05"),
        ("de", "5. Jänner 2024", "2024-01-05"),
    ],
)
def test_a_date_is_read_in_the_words_of_its_language(language: str, text: str, found: str) -> None:
    assert iso_date(text, language=language, latest=CAPTURED) == found
