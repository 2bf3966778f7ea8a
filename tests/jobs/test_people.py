"""A CRM and daily numbers beside a helpdesk, from files to numbers; every number checked in plain SQL over the files."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.home import Home
from core.viewer import EVERYTHING, Viewer
from jobs.cli import main
from store.queries import match_report
from store.reader import open_reader

Jobs = Callable[..., Any]
COMPANIES = {"acme.com": "gold", "beta.io": "silver", "gamma.org": "silver"}


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as stream:
        out = csv.DictWriter(stream, list(rows[0]))
        out.writeheader()
        out.writerows(rows)


def files(folder: Path, plans: dict[str, str] | None = None) -> None:
    """60 tickets of 12 people; a CRM that knows 3 of them and 3 companies; active customers on 9 of 12 days."""
    dice = random.Random(5)
    domains = [*COMPANIES, "gmail.com", "nowhere.net"]
    people = [f"p{n}@{domains[n % 5]}" for n in range(12)]
    words = "parcel invoice login refund password late broken card address update cancel price".split()
    subjects = [" ".join(dice.choices(words, k=4)) for _ in range(60)]
    tickets = [
        {"Ticket": n, "Requester email": people[dice.randrange(12)], "Subject": subjects[n], "Status": "open",
         "Created": f"2026-11-{1 + n % 12:02d} {n % 24:02d}:30"} for n in range(60)
    ]  # fmt: skip
    customers = [
        {"id": 100 + n, "email": people[n].upper() if n % 2 else people[n], "plan": (plans or {}).get(people[n], f"plan {n % 3}"),
         "region": ("North", "South")[n % 2]} for n in (0, 1, 3)
    ]  # fmt: skip
    write(folder / "desk" / "tickets.csv", tickets)
    write(folder / "crm" / "customers.csv", customers)
    write(
        folder / "crm" / "accounts.csv",
        [{"domain": d, "plan": p, "industry": "Retail"} for d, p in COMPANIES.items()],
    )
    days = [date(2026, 11, 1) + timedelta(days=n) for n in range(12) if n not in (2, 6, 7)]
    write(
        folder / "shop" / "daily.csv",
        [{"day": d, "active_customers": 900 + d.day * 7, "orders": d.day} for d in days],
    )


@pytest.fixture
def jobs(home: Home, tmp_path: Path, now: datetime, capsys: pytest.CaptureFixture[str]) -> Jobs:
    """Run a command in a home with three sources; give its JSON."""
    files(tmp_path)
    names = ("desk", "crm", "shop")
    (home.root / "settings.toml").write_text(
        "\n".join(f'[[sources]]\nname = "{n}"\nkind = "files"\npath = "{tmp_path / n}"' for n in names)
    )

    def run(*words: str) -> Any:
        code = main([*words, "--home", str(home.root), "--quiet", "--json"])
        out, err = capsys.readouterr()
        assert code == 0, err or out
        return json.loads(out)

    run("refresh")
    return run


@pytest.fixture
def plain(tmp_path: Path) -> Callable[[str], list[tuple[Any, ...]]]:
    """SQL over the files themselves: `joined` has a row a ticket with what the CRM says of its requester."""

    def ask(sql: str) -> list[tuple[Any, ...]]:
        con = duckdb.connect()
        for name, file in (("tickets", "desk/tickets"), ("customers", "crm/customers"), ("accounts", "crm/accounts"),
                           ("daily", "shop/daily")):  # fmt: skip
            con.execute(f"CREATE TABLE {name} AS FROM '{tmp_path / file}.csv'")
        con.execute("""
            CREATE TABLE joined AS SELECT t.Ticket AS id, t."Requester email" AS who, t.Created::DATE AS day, c.region,
              coalesce(c.plan, a.plan) AS plan,
              CASE WHEN c.id IS NOT NULL THEN 'e-mail' WHEN a.plan IS NOT NULL THEN 'domain' END AS rule
            FROM tickets t LEFT JOIN customers c ON lower(c.email) = lower(t."Requester email")
            LEFT JOIN accounts a ON a.domain = split_part(t."Requester email", '@', 2)""")
        return con.execute(sql).fetchall()

    return ask


NOVEMBER = ("--from", "2026-11-01", "--to", "2026-11-12")


@pytest.mark.slow
def test_numbers_split_by_the_plan_equal_plain_sql(jobs: Jobs, plain: Any) -> None:
    answer = jobs("metric", "volume", *NOVEMBER, "--by", "plan")
    assert {tuple(row["group"]): row["n"] for row in answer["groups"]} == {
        (plan or "(none)",): n for plan, n in plain("SELECT plan, count(*) FROM joined GROUP BY 1")
    }
    north = jobs("metric", "volume", *NOVEMBER, "--filter", "region=North", "--by", "plan")
    expected = plain("SELECT plan, count(*) FROM joined WHERE region = 'North' GROUP BY 1")
    assert {row["group"][0]: row["n"] for row in north["groups"]} == dict(expected)
    assert north["total"]["n"] == sum(n for _, n in expected)


def test_the_match_report_equals_plain_sql(jobs: Jobs, plain: Any) -> None:
    report = jobs("people")
    (crm,) = (source for source in report["sources"] if source["source_id"] == "crm")
    rules = dict(plain("SELECT rule, count(DISTINCT who) FROM joined WHERE rule IS NOT NULL GROUP BY 1"))
    assert crm["by_rule"] == rules
    ((requesters, known, conversations),) = plain(
        "SELECT count(DISTINCT who), count(DISTINCT who) FILTER (rule IS NOT NULL), count(*) FILTER (rule IS NOT NULL) FROM joined"
    )
    assert (report["requesters"], report["matched"], crm["matched"], crm["conversations"]) == (
        requesters, known, known, conversations,
    )  # fmt: skip
    assert report["rate"] == crm["rate"] == known / requesters
    assert report["unmatched_total"] == requesters - known == len(report["unmatched"]) > 0
    expected = plain(
        "SELECT 'p…@' || split_part(who, '@', 2), count(*) FROM joined WHERE rule IS NULL GROUP BY who ORDER BY ALL"
    )
    assert sorted((u["requester"], u["conversations"]) for u in report["unmatched"]) == expected
    assert [a["name"] for a in report["attributes"] if a["is_dimension"]] == ["industry", "plan", "region"]
    assert [(d["name"], d["days"]) for d in report["denominators"]] == [
        ("active_customers", 9),
        ("orders", 9),
    ]


def test_the_contact_rate_equals_plain_sql(jobs: Jobs, plain: Any) -> None:
    answer = jobs("metric", "contact_rate", *NOVEMBER, "--by", "region", "--per", "orders")
    ((n, orders),) = plain(
        "SELECT (SELECT count(*) FROM joined WHERE day IN (SELECT day FROM daily)), (SELECT sum(orders) FROM daily)"
    )
    assert (answer["total"]["n"], answer["total"]["value"]) == (n, pytest.approx(1000 * n / orders))
    by_region = plain(
        "SELECT coalesce(region, '(none)'), count(*) FROM joined WHERE day IN (SELECT day FROM daily) GROUP BY 1"
    )
    assert {row["group"][0]: row["value"] for row in answer["groups"]} == {
        region: pytest.approx(1000 * found / orders) for region, found in by_region
    }
    assert jobs("metric", "contact_rate", *NOVEMBER)["per"] == "active_customers"
    ((left_out,),) = plain("SELECT count(*) FROM joined WHERE day NOT IN (SELECT day FROM daily)")
    assert answer["excluded"] == [
        {
            "kind": "not available",
            "reason": "no denominator for the day, or the day is not over",
            "n": left_out,
        }
    ]


@pytest.mark.slow
def test_questions_in_words_know_plans_and_rates(jobs: Jobs, plain: Any) -> None:
    answer = jobs("ask", "How many conversations with plan silver in November 2026?")
    assert answer["plan"]["filters"] == {"plan": ["silver"]}
    ((n,),) = plain("SELECT count(*) FROM joined WHERE plan = 'silver'")
    assert answer["metrics"][0]["value"] == n
    grouped = jobs("ask", "contact rate by region in November 2026")["plan"]
    assert (grouped["metrics"], grouped["group_by"]) == (["contact_rate"], ["region"])


@pytest.mark.slow
def test_a_conversation_that_arrives_twice_is_counted_once(
    jobs: Jobs, home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "old" / "tickets.csv", [
        {"Ticket": n, "Requester email": "p0@acme.com", "Subject": "again", "Status": "open", "Created": "2026-11-01 00:30"}
        for n in (0, 900)
    ])  # fmt: skip
    write(tmp_path / "desk" / "tickets.csv", [
        {"Ticket": 0, "Requester email": "P0@acme.com", "Subject": "again", "Status": "open", "Created": "2026-11-01 00:30:40"}
    ])  # fmt: skip
    with (home.root / "settings.toml").open("a") as out:
        out.write(f'\n[[sources]]\nname = "old"\nkind = "files"\npath = "{tmp_path / "old"}"\n')
    jobs("refresh")
    answer = jobs("metric", "volume", *NOVEMBER, "--by", "source")
    assert {row["group"][0]: row["n"] for row in answer["groups"]} == {"desk": 1, "old": 1}
    assert {item["reason"]: item["n"] for item in answer["excluded"]}["duplicate"] == 1
    assert jobs("people")["copies"] == [
        {
            "source_id": "old",
            "original_source_id": "desk",
            "rule": "same id, person and time",
            "conversations": 1,
        }
    ]
    assert main(["people", "--home", str(home.root), "--quiet"]) == 0
    assert "1 conversations are also in desk" in capsys.readouterr().out


@pytest.mark.slow
def test_links_between_persons_from_the_command_line(
    jobs: Jobs, home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    contacts = [{"id": "17", "name": "Paul", "email": "p0@acme.com"}]
    write(tmp_path / "chat" / "people.csv", contacts)
    write(tmp_path / "chat" / "conversations.csv", [
        {"conversation_id": "k1", "requester_id": "17", "subject": "hello", "status": "open", "created_at": "2026-11-02 10:00"}
    ])  # fmt: skip
    write(
        tmp_path / "desk" / "people.csv", [{"id": "p0@acme.com", "name": "Paul Long", "email": "p0@acme.com"}]
    )
    with (home.root / "settings.toml").open("a") as out:
        out.write(f'\n[[sources]]\nname = "chat"\nkind = "files"\npath = "{tmp_path / "chat"}"\n')
    jobs("refresh")
    (proposed,) = jobs("people", "links")["proposed"]
    assert (proposed["source_id"], proposed["person_id"], proposed["other_id"], proposed["rule"]) == (
        "chat", "17", "p0@acme.com", "e-mail",
    )  # fmt: skip
    assert main(["people", "links", "--home", str(home.root), "--quiet"]) == 0
    assert "chat/17 (Paul) and desk/p0@acme.com (Paul Long): same e-mail" in capsys.readouterr().out
    assert jobs("people", "confirm", "desk/p0@acme.com", "chat/17")["verdict"] == "confirmed"
    assert jobs("people", "links")["proposed"] == []
    jobs("refresh")
    groups = jobs(
        "metric", "volume", *NOVEMBER, "--by", "requester", "--filter", "requester=Paul", "--by", "source"
    )["groups"]
    assert {row["group"][1] for row in groups} == {"chat", "desk"}
    assert main(["people", "confirm", "desk/nobody", "chat/17", "--home", str(home.root), "--quiet"]) == 1
    assert "nobody is known as 'desk/nobody'" in capsys.readouterr().err


def test_the_report_is_limited_to_what_the_viewer_may_see(jobs: Jobs, home: Home) -> None:
    reader = open_reader(home)
    desk = match_report(reader, Viewer("ann", sources=("desk",)))
    assert (desk.requesters, desk.sources, desk.denominators) == (
        match_report(reader, EVERYTHING).requesters,
        (),
        (),
    )
    nobody = match_report(reader, Viewer("eve", sources=("crm",)))
    assert (nobody.requesters, nobody.rate, nobody.unmatched) == (0, None, ())


def test_a_changed_plan_moves_only_its_customers(jobs: Jobs, plain: Any, tmp_path: Path) -> None:
    files(tmp_path, {"p0@acme.com": "platinum"})
    enriched = jobs("refresh")["enrich"]
    assert (enriched["requesters_changed"], enriched["conversations"]) == (1, 0)
    ((n,),) = plain("SELECT count(*) FROM joined WHERE who = 'p0@acme.com'")
    assert jobs("metric", "volume", *NOVEMBER, "--filter", "plan=platinum")["total"]["n"] == n > 0


@pytest.mark.slow
def test_a_crm_that_left_the_settings_is_kept_until_it_is_forgotten(jobs: Jobs, home: Home) -> None:
    settings = home.root / "settings.toml"
    desk, crm, _ = settings.read_text().split("[[sources]]")[1:]
    settings.write_text(f"[[sources]]{desk}")
    notes = {source["name"]: source["note"] for source in jobs("refresh")["sources"]}
    assert "--forget crm" in notes["crm"] and "--forget shop" in notes["shop"] and crm
    assert jobs("people")["sources"][0]["matched"] > 0
    jobs("refresh", "--forget", "crm", "--forget", "shop")
    report = jobs("people")
    assert (report["sources"], report["attributes"], report["denominators"], report["matched"]) == (
        [],
        [],
        [],
        0,
    )


def test_the_report_for_people(jobs: Jobs, home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["people", "--home", str(home.root), "--quiet", "--limit", "1"]) == 0
    out = capsys.readouterr().out
    assert "crm: 3 people, 3 organizations; knows" in out
    assert "shop: active_customers, 9 days from 2026-11-01 to 2026-11-12" in out
    assert "more" in out
    assert "p11@" not in out


def test_without_customers_the_report_says_how_to_bring_them(
    sample_home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["people", "--home", str(sample_home.root), "--quiet"]) == 0
    assert "No source delivers people alone" in capsys.readouterr().out
