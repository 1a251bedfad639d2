"""Names and texts that SEC-01, SEC-02, SEC-06, SEC-07 and SEC-08 take for secrets, and those that they leave alone."""

import time

import pytest

from review.graph.secret_forms import list_credential_kinds
from review.rules.secrets import _list_plain_secrets

# Written in parts, so that scanners of this repository do not report them.
_A1, _AB3 = "a1" * 30, "Ab3" * 30


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASS", "hunter2"),
        ("PWD", "hunter22"),
        ("RABBITMQ_DEFAULT_PASS", "guest"),
        ("ADMIN_PASSWORD_1", "hunter22"),
        ("dbPassword", "1234"),
        ("db.password", "hunter22"),
        ("db-pwd", "hunter22"),
        ("apiKey", "abcdef"),
        ("SECRET_KEY_BASE", "abc"),
        ("JWT_SECRET", "changeme"),
        ("ENCRYPTION_KEY", "abcd"),
        ("DATABASE_DSN", "user:pass@tcp(db:3306)/x"),
        ("PG_DSN", "host=db user=a password=hunter22"),
        ("CONNECTION_STRING", "Server=db;Database=x;User Id=sa;Password=hunter22"),
    ],
)
def test_a_name_of_a_secret_with_a_plain_value_is_found(name: str, value: str) -> None:
    assert list(_list_plain_secrets({name: value})) == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD_FILE", "/run/secrets/db"),
        ("MYSQL_ALLOW_EMPTY_PASSWORD", "yes"),
        ("MYSQL_RANDOM_ROOT_PASSWORD", "1"),
        ("DB_PASSWORD", "${DB_PASSWORD}"),
        ("API_KEY", "$API_KEY"),
        ("PASSWORD", "<password>"),
        ("JWT_SECRET_KEY", "%project%/config/private.pem"),
        ("DB_PASS", "{{ pass }}"),
        ("PWD", "/app"),
        ("ACCESS_TOKEN", "15m"),
        ("MAX_TOKEN", "4096"),
        ("SENTRY_DSN", "https://abc@o1.ingest.sentry.io/1"),
        ("CONNECTION_STRING", "Server=db;Database=x"),
        *((name, "text") for name in ("TOKEN_TTL", "BYPASS", "COMPASS", "SECRET_ARN", "PARTITION_KEY", "PUBLIC_KEY")),
    ],
)
def test_a_reference_a_flag_and_another_name_are_left_alone(name: str, value: str) -> None:
    assert list(_list_plain_secrets({name: value})) == []


@pytest.mark.parametrize(
    "text",
    [
        "sk_live_" + _A1[:24],
        "rk_test_" + _A1[:24],
        "whsec_" + _AB3[:32],
        "AIza" + _AB3[:35],
        "npm_" + _A1[:36],
        "sk-proj-" + _AB3[:48],
        "sk-" + _AB3[:48],
        "sk-ant-api03-" + _AB3[:60],
        "SK" + _A1[:32],
        "SG." + _AB3[:22] + "." + _AB3[:43],
        "glpat-" + _AB3[:20],
        "https://hooks.slack.com/services/T00000000/B00000000/" + _AB3[:24],
        "AccountName=x;AccountKey=" + _AB3[:88] + "==",
        "-----BEGIN RSA PRIVATE " + "KEY-----",
        "-----BEGIN PGP PRIVATE " + "KEY BLOCK-----",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9." + _AB3[:43],
        "postgres://u:hunter22@db/x",
        "redis://:hunter22@cache:6379",
        "mysql://u:p%40ssword@db",
        "host=db user=a password=hunter22 dbname=x",
        "jdbc:postgresql://db/x?user=a&password=hunter22",
        "Server=db;Database=x;Uid=sa;Pwd=hunter22;",
        "root:hunter22@tcp(db:3306)/x",
    ],
)
def test_a_credential_is_known_by_its_form(text: str) -> None:
    assert list_credential_kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "postgres://u:${PASS}@db/x",
        "postgres://u:<password>@db",
        "postgres://u@db/x",
        "https://u:****@db",
        "pk_live_" + _A1[:24],
        "sk-some-long-descriptive-name-of-a-thing-in-a-list",
        "connect(host='db', user='a', password=config.password)",
        'f"?user={u}&password={p}"',
        "git@github.com:org/repo.git",
        "user:name@example.com",
        "http://localhost:8080/a@b",
        "image: nginx:1.25@sha256:abc",
    ],
)
def test_what_only_looks_like_a_credential_is_left_alone(text: str) -> None:
    assert not list_credential_kinds(text)


@pytest.mark.parametrize(
    "part", ["a-", "host=a ", "?password=", "user:", "sk-", "eyJ", "a:", "[?;&", "x://", "host=a b=c "]
)
def test_a_long_text_is_searched_in_linear_time(part: str) -> None:
    def measure(count: int) -> float:
        began = time.process_time()
        list_credential_kinds(part * count)
        return time.process_time() - began

    # Quadratic would be 64 times.
    assert measure(16000) < 30 * max(measure(2000), 0.001)
