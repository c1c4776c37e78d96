from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import SettingsError
from gateway.settings import Settings
from gateway.settings_load import load_settings

DOC = Path(__file__).parents[2] / "docs" / "settings.md"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("LETHE_")]:
        monkeypatch.delenv(name)


def test_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "lethe.yaml"
    file.write_text("port: 9001\nhost: localhost\nupstreams: http://a:1/v1, http://b:2\n")
    monkeypatch.setenv("LETHE_PORT", "9002")
    settings = load_settings(file)
    assert (settings.port, settings.host) == (9002, "localhost")
    assert settings.upstreams == ("http://a:1", "http://b:2")


def test_upstreams_may_be_a_list_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "lethe.yaml"
    file.write_text("upstreams:\n  - http://a:1\nlayers: [screen]\n")
    settings = load_settings(file)
    assert settings.upstreams == ("http://a:1",)
    assert settings.layers == ("screen",)


@pytest.mark.parametrize(
    ("overrides", "named"),
    [
        ({"port": 0}, "LETHE_PORT"),
        ({"layers": "screen,dream"}, "dream"),
        ({"upstreams": "127.0.0.1:8000"}, "LETHE_UPSTREAMS"),
        ({"auth": "off", "host": "0.0.0.0"}, "LETHE_HOST=127.0.0.1"),
        ({"expand": "on"}, "not built yet"),
        ({"target_fpr": 1.5}, "LETHE_TARGET_FPR"),
        ({"lease_s": 1}, "lease_s must be at least 5"),
        ({"tls_key": "key.pem"}, "LETHE_TLS_CERT"),
        ({"trusted_proxies": "10.0.0.5,balancer"}, "'balancer' is no address"),
        ({"trusted_proxies": "10.0.0.5/8"}, "no network such as 10.0.0.0/8"),
        ({"requests_per_minute": 0}, "LETHE_REQUESTS_PER_MINUTE"),
        ({"callback_hosts": "rag.internal,not a host!"}, "'not a host!' is no host name"),
        ({"callback_hosts": "http://rag.internal"}, "LETHE_CALLBACK_HOSTS"),
        ({"callback_hosts": "rag.internal:8080"}, "LETHE_CALLBACK_HOSTS"),
        ({"callback_hosts": "*.internal"}, "LETHE_CALLBACK_HOSTS"),
        ({"callback_hosts": "10.1.0.300"}, "LETHE_CALLBACK_HOSTS"),
    ],
)
def test_a_wrong_setting_is_named(overrides: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(named)) as caught:
        load_settings(**overrides)
    assert "\n" not in str(caught.value)


def test_hosts_of_callbacks_are_names_addresses_and_networks() -> None:
    hosts = (
        "rag.internal",
        "Rag_1",
        "bücher.example",
        "a.b.",
        "10.1.2.3",
        "10.1.0.0/16",
        "fd00::1",
    )
    assert load_settings(callback_hosts=",".join(hosts)).callback_hosts == hosts


def test_on_and_off_may_stand_bare_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "lethe.yaml"
    file.write_text("four_eyes: on\nforget_intent: off\naccess_log: off\nsteering_answers: 'on'\n")
    settings = load_settings(file)
    assert (settings.four_eyes, settings.forget_intent) == ("on", "off")
    assert (settings.access_log, settings.steering_answers) == ("off", "on")
    file.write_text("allow_volatile_redis: on\n")
    assert load_settings(file).allow_volatile_redis is True
    file.write_text("log_format: on\n")
    with pytest.raises(SettingsError, match="LETHE_LOG_FORMAT: Input should be 'text' or 'json'"):
        load_settings(file)


@pytest.mark.parametrize(
    "content",
    [
        "colour: red\n",
        "port: [\n",
        "- 1\n",
        "port: \xff",
        "just words\n",
        "7\n",
        "a: b: hush\n",
        "\0",
    ],
)
def test_a_wrong_file_is_told_in_one_sentence(tmp_path: Path, content: str) -> None:
    file = tmp_path / "lethe.yaml"
    file.write_text(content, encoding="latin-1")
    with pytest.raises(SettingsError) as caught:
        load_settings(file)
    assert "\n" not in str(caught.value)
    assert "hush" not in str(caught.value)  # what stands in the file may be a secret


@pytest.mark.parametrize("name", ["folder", "none/lethe.yaml", "file/lethe.yaml"])
def test_a_file_that_is_none_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="no settings file"):
        load_settings(tmp_path / name)


def test_a_missing_file_is_told() -> None:
    with pytest.raises(SettingsError, match="no settings file"):
        load_settings(Path("/nonexistent.yaml"))


def test_secrets_do_not_show() -> None:
    settings = load_settings(data_key="c2VjcmV0", bootstrap_key="swordfish")
    assert "swordfish" not in repr(settings)
    assert "c2VjcmV0" not in repr(settings)


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_setting_is_documented_with_what_it_does(name: str) -> None:
    field = Settings.model_fields[name]
    (row,) = [
        line
        for line in DOC.read_text().splitlines()
        if line.startswith(f"| `LETHE_{name.upper()}`")
    ]
    assert field.description
    assert field.description in row


def test_nothing_is_documented_that_cannot_be_set() -> None:
    documented = re.findall(r"^\| `LETHE_([A-Z_]+)`", DOC.read_text(), re.MULTILINE)
    assert {name.lower() for name in documented} == set(Settings.model_fields)
