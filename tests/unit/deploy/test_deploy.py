"""The deployment files, as far as they can be judged without a Docker engine."""

from __future__ import annotations

import asyncio
import copy
import fnmatch
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml
from compose_spec import PyCompose
from compose_spec.models import ComposeSpecification
from redis.asyncio import Redis
from redis.exceptions import NoPermissionError, RedisError

from gateway.datakey import data_key
from gateway.registry.cipher import Cipher
from gateway.registry.redis_server import find_server
from gateway.registry.redis_store import RedisRegistry
from gateway.settings import Settings
from gateway.settings_load import load_settings

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "deploy"
COMPOSE = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
BALANCER = (DEPLOY / "haproxy.cfg").read_text(encoding="utf-8")
README = (DEPLOY / "README.md").read_text(encoding="utf-8")
EXAMPLE = (DEPLOY / ".env.example").read_text(encoding="utf-8")

GATEWAYS = ("gateway-1", "gateway-2")
ENGINES = ("engine-cpu", "engine-gpu")
TARGETS = {"gateway-1": "gateway", "gateway-2": "gateway"} | {name: name for name in ENGINES}
CLIENT_NAMES = {"LETHE_URL", "LETHE_API_KEY"}  # read by the commands, not by the server
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+):-([^}]*)\}")


def interpolated() -> dict[str, Any]:
    """The compose file with the default of every variable, as Compose would read it."""
    text = VARIABLE.sub(lambda found: found[2], COMPOSE)
    assert not re.search(r"(?<!\$)\$[\w{]", text), "a variable without a default"
    document: dict[str, Any] = yaml.safe_load(text)
    return {key: value for key, value in document.items() if not key.startswith("x-")}


DOCUMENT = interpolated()
SERVICES: dict[str, dict[str, Any]] = DOCUMENT["services"]


def parse(document: dict[str, Any]) -> Any:
    compose = PyCompose.from_yaml(yaml.safe_dump(document))
    compose.validate()
    return compose


def stages() -> dict[str, str]:
    """The stages of the Dockerfile by name."""
    parts = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]
    return {re.split(r"\s+", part)[2]: part for part in parts}


class TestCompose:
    def test_a_compose_parser_takes_it(self) -> None:
        names = parse(DOCUMENT).service_names()
        assert set(names) == {"balancer", "redis", *GATEWAYS, *ENGINES}

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            (("services", "redis", "read_onyl"), True),
            (("services", "redis", "networks"), ["nowhere"]),
            (("services", "redis", "healthcheck", "interval"), "soon"),
            (("services", "redis", "secrets"), ["unknown"]),
        ],
    )
    def test_the_parser_would_notice_a_slip(self, path: tuple[str, ...], value: object) -> None:
        broken: Any = copy.deepcopy(DOCUMENT)
        place = broken
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        with pytest.raises(ValueError, match=path[-1] if len(path) > 3 else r"\S"):
            parse(broken)

    def test_it_fits_the_schema_of_compose_files(self) -> None:
        schema = ComposeSpecification.model_json_schema()
        jsonschema.validate(json.loads(json.dumps(DOCUMENT)), schema)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(DOCUMENT | {"services": {"redis": {"image": 7}}}, schema)

    def test_yamllint_is_content(self) -> None:
        command = [tool("yamllint"), "--strict", str(DEPLOY)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout

    def test_whoever_is_waited_for_exists_and_has_a_health_check(self) -> None:
        for name, service in SERVICES.items():
            for other, how in service.get("depends_on", {}).items():
                assert how == {"condition": "service_healthy"}, name
                image = stages().get(TARGETS.get(other, ""), "")
                assert "healthcheck" in SERVICES[other] or "\nHEALTHCHECK " in image

    def test_named_volumes_and_secrets_are_declared_and_used(self) -> None:
        for kind, declared in (("secrets", DOCUMENT["secrets"]), ("volumes", DOCUMENT["volumes"])):
            used = {
                entry.split(":")[0]
                for service in SERVICES.values()
                for entry in service.get(kind, [])
                if isinstance(entry, str) and not entry.startswith((".", "/"))
            }
            assert used == set(declared)


class TestNetworks:
    def test_only_the_balancer_publishes_ports(self) -> None:
        assert [name for name, service in SERVICES.items() if "ports" in service] == ["balancer"]
        assert not any("network_mode" in service for service in SERVICES.values())

    def test_the_admin_port_is_on_loopback_whatever_is_set(self) -> None:
        (admin,) = re.findall(r'"(\S+):8081"', COMPOSE)
        assert admin.startswith("127.0.0.1:")

    def test_plain_http_is_on_loopback_unless_asked_for(self) -> None:
        assert all(port.startswith("127.0.0.1:") for port in SERVICES["balancer"]["ports"])

    @pytest.mark.parametrize("name", ["redis", *ENGINES])
    def test_redis_and_vllm_meet_the_gateways_only(self, name: str) -> None:
        members = {
            other
            for other in SERVICES
            if networks(other) & networks(name) and other not in {name, *ENGINES}
        }
        assert members == set(GATEWAYS)

    def test_there_is_no_way_out_but_the_balancers(self) -> None:
        for name, network in DOCUMENT["networks"].items():
            joined = [service for service in SERVICES if name in networks(service)]
            assert network.get("internal") or joined == ["balancer"]

    def test_the_gateways_find_the_engine_by_its_alias(self) -> None:
        for name in ENGINES:
            assert SERVICES[name]["networks"]["engine"]["aliases"] == ["engine"]
        for name in GATEWAYS:
            assert SERVICES[name]["environment"]["LETHE_UPSTREAMS"] == "http://engine:8000"


class TestSecrets:
    def test_they_are_files_outside_the_images(self) -> None:
        for secret in DOCUMENT["secrets"].values():
            assert set(secret) == {"file"}
            assert secret["file"].startswith("./secrets/")
        assert not in_build_context("deploy/secrets/data_key")
        assert not in_build_context("deploy/.env")

    def test_no_value_stands_in_a_file_that_is_shared(self) -> None:
        for service in SERVICES.values():
            for name, value in service.get("environment", {}).items():
                if re.search("KEY|PASSWORD|SECRET|TOKEN|REDIS_URL", name):
                    assert name.endswith("_FILE"), name
                    assert str(value).startswith("/run/secrets/")
        for text in (COMPOSE, EXAMPLE, BALANCER, DOCKERFILE):
            assert not re.search(r"rediss?://|sk-\w{8}|[0-9a-f]{32}|[A-Za-z0-9+/]{43}=", text)

    def test_each_container_gets_only_its_own(self) -> None:
        assert SERVICES["redis"]["secrets"] == ["redis_password"]
        assert "secrets" not in SERVICES["balancer"]
        for name in ENGINES:
            assert SERVICES[name]["secrets"] == ["engine_api_key"]

    def test_the_readmes_commands_make_what_the_gateways_read(self, tmp_path: Path) -> None:
        made = make_secrets(tmp_path)
        assert {file.name for file in made.iterdir()} == {*DOCUMENT["secrets"], ".gitignore"}
        assert made.stat().st_mode & 0o777 == 0o700
        settings = load_settings(made / "gateway.yaml", data_key_file=made / "data_key")
        assert len(data_key(settings)) == 32
        password = (made / "redis_password").read_text().strip()
        assert settings.redis_url == f"redis://lethe:{password}@redis:6379/0"
        assert settings.upstream_api_key is not None
        key = (made / "engine_api_key").read_text().strip()
        assert settings.upstream_api_key.get_secret_value() == key


class TestSettings:
    @pytest.mark.parametrize("text", [COMPOSE, DOCKERFILE, BALANCER, README, EXAMPLE])
    def test_every_variable_named_is_a_setting(self, text: str) -> None:
        known = {f"LETHE_{name.upper()}" for name in Settings.model_fields} | CLIENT_NAMES
        assert set(re.findall(r"LETHE_[A-Z0-9_]+", text)) <= known

    def test_the_environment_makes_valid_settings(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in SERVICES["gateway-1"]["environment"].items():
            monkeypatch.setenv(name, value)
        settings = load_settings()
        assert settings.upstreams == ("http://engine:8000",)
        assert (settings.host, settings.port) == ("0.0.0.0", 8080)

    def test_gateways_keep_name_and_data_apart(self) -> None:
        for name in GATEWAYS:
            assert SERVICES[name]["hostname"] == name
        folder = SERVICES["gateway-1"]["environment"]["LETHE_DATA_DIR"]
        volumes = [SERVICES[name]["volumes"] for name in GATEWAYS]
        assert volumes == [[f"{name}-data:{folder}"] for name in GATEWAYS]
        assert f"--chown=10001:10001 {folder} {folder}" in stages()["gateway"]

    def test_the_example_sets_what_compose_reads(self) -> None:
        example = set(re.findall(r"^(?:# )?([A-Z_]+)=", EXAMPLE, flags=re.MULTILINE))
        read = {name for name, _ in VARIABLE.findall(COMPOSE)}
        assert example == read | {"COMPOSE_PROFILES"}


class TestHardening:
    @pytest.mark.parametrize("name", SERVICES)
    def test_every_container_is_confined(self, name: str) -> None:
        service = SERVICES[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert {"memory", "pids"} <= set(service["deploy"]["resources"]["limits"])
        assert not service.get("privileged")
        assert not {"cap_add", "pid", "ipc"} & set(service)

    @pytest.mark.parametrize("name", SERVICES)
    def test_no_container_runs_as_root(self, name: str) -> None:
        if name in TARGETS:
            (user,) = re.findall(r"^USER (\S+)", stages()[TARGETS[name]], flags=re.MULTILINE)
        else:
            user = SERVICES[name]["user"]
        assert int(user.split(":")[0]) > 0

    def test_images_are_pinned_by_tag(self) -> None:
        bases = re.findall(r"^FROM (\S+)", DOCKERFILE, flags=re.MULTILINE)
        images = [service["image"] for service in SERVICES.values()]
        for image in [*(base for base in bases if base not in stages()), *images]:
            assert re.fullmatch(r"[\w./-]+:(?!latest)[\w.-]+", image), image


class TestBalancer:
    def test_clients_reach_v1_and_officers_admin(self) -> None:
        clients, officers = section("frontend clients"), section("frontend officers")
        assert "unless { path_beg /v1/ } !{ path,url_dec -m sub /.. }\n" in clients
        assert "bind :8080" in clients
        assert "unless { path_beg /admin/ } !{ path,url_dec -m sub /.. } || { path /readyz }" in (
            officers
        )
        assert "bind :8081" in officers

    def test_gateways_learn_from_it_where_a_request_came_from(self) -> None:
        for frontend in ("clients", "officers"):
            text = section(f"frontend {frontend}")
            assert "http-request set-header X-Forwarded-For %[src]" in text
        for name in GATEWAYS:
            trusted = SERVICES[name]["environment"]["LETHE_TRUSTED_PROXIES"].split(",")
            assert all(ip_network(network).is_private for network in trusted)

    def test_it_knows_every_gateway(self) -> None:
        for backend, check in (("chat", "/readyz"), ("admin", "/healthz")):
            text = section(f"backend {backend}")
            assert re.findall(r"server (\S+) (\S+)", text) == [(g, f"{g}:8080") for g in GATEWAYS]
            assert f"option httpchk GET {check}" in text

    def test_streams_are_not_held_up_or_cut(self) -> None:
        defaults = section("defaults")
        assert "option http-no-delay" in defaults
        assert "http-buffer" not in BALANCER
        longest = Settings.model_fields["upstream_timeout_s"].default
        for side in ("client", "server"):
            (seconds,) = re.findall(rf"timeout {side} (\d+)s", defaults)
            assert float(seconds) > longest

    def test_its_errors_have_the_shape_of_the_others(self) -> None:
        bodies = re.findall(r"string '([^']*)'", BALANCER)
        assert len(bodies) == 4
        for body in bodies:
            assert set(json.loads(body)["error"]) == {"message", "type", "param", "code"}


class TestDockerfile:
    def test_hadolint_is_content(self) -> None:
        command = [tool("hadolint"), "Dockerfile"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
        assert "hadolint" not in DOCKERFILE, "no rule is switched off"

    def test_what_it_copies_exists_and_is_sent_to_the_builder(self) -> None:
        copied = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, flags=re.MULTILINE)
        sources = [part for line in copied for part in shlex.split(line)[:-1]]
        assert {"pyproject.toml", "gateway", "guards", "steering", "folding"} <= set(sources)
        for source in sources:
            assert (ROOT / source).exists(), source
            assert in_build_context(source), source

    def test_the_wheel_gets_all_that_pyproject_names(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        wheel = stages()["wheel"]
        packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
        files = [project["project"]["readme"], *project["project"]["license-files"]]
        for name in [*packages, *files]:
            assert re.search(rf"^COPY .*\b{re.escape(name)}\b", wheel, flags=re.MULTILINE), name

    def test_its_versions_are_the_projects(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        (engine,) = project["optional-dependencies"]["engine-cpu"]
        assert engine in stages()["engine-cpu-build"]
        assert stages()["engine-gpu"].startswith(f"vllm/vllm-openai:v{engine.split('==')[1]} ")
        setup = (DEPLOY / "setup.py").read_text(encoding="utf-8")
        (torch,) = re.findall(r"pip install .* (torch==\S+)", stages()["torch-cpu"])
        assert f'"{torch}"' in setup

    @pytest.mark.parametrize("target", sorted(set(TARGETS.values())))
    def test_every_target_is_complete(self, target: str) -> None:
        for instruction in ("LABEL", "USER", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT"):
            assert re.search(rf"^{instruction} ", stages()[target], flags=re.MULTILINE)

    def test_health_checks_are_valid_python(self) -> None:
        checks = re.findall(r"^    CMD (\[.*\])$", DOCKERFILE, flags=re.MULTILINE)
        assert len(checks) == 3
        for check in checks:
            program, option, code = json.loads(check)
            assert (program, option) == ("python3", "-c")
            compile(code, "health check", "exec")

    def test_the_plain_build_is_the_gateway(self) -> None:
        assert list(stages())[-1] == "gateway"


class TestRedis:
    @pytest.fixture
    async def url(self, tmp_path: Path) -> AsyncIterator[str]:
        """Redis, started by the very command of the compose file, on a socket in `tmp_path`."""
        secrets = make_secrets(tmp_path)
        socket, data = tmp_path / "redis.sock", tmp_path / "data"
        data.mkdir()
        script = SERVICES["redis"]["entrypoint"][2].replace("$$", "$")
        for inside, outside in (
            ("/run/secrets", str(secrets)),
            ("/tmp/users.acl", str(tmp_path / "users.acl")),
            ("--dir /data", f"--dir {data} --port 0 --unixsocket {socket}"),
            ("redis-server ", f"{find_server()[0]} "),
        ):
            assert inside in script
            script = script.replace(inside, outside)
        process = await asyncio.create_subprocess_exec(
            "/bin/sh", "-ec", script, stdout=subprocess.DEVNULL
        )
        try:
            async with asyncio.timeout(20):
                while not socket.exists():
                    assert process.returncode is None
                    await asyncio.sleep(0.02)
            password = (secrets / "redis_password").read_text().strip()
            yield f"unix://lethe:{password}@{socket}"
        finally:
            process.terminate()
            await process.wait()

    async def test_the_gateway_accepts_it_with_the_rights_it_grants(self, url: str) -> None:
        registry = RedisRegistry(url, Cipher(bytes(32)))
        try:
            assert await registry.open()
            assert (await registry.state()).revision == 0
            assert not registry.volatile
        finally:
            await registry.close()

    async def test_it_lets_in_nobody_without_the_password(self, url: str) -> None:
        anyone = Redis(unix_socket_path=url.split("@")[1], protocol=2)
        lethe = Redis.from_url(url)
        async with anyone, lethe:
            with pytest.raises(RedisError, match=r"(?i)authenticat|noauth"):
                await anyone.ping()
            assert await lethe.config_get("appendfsync") in (
                {"appendfsync": "always"},
                {b"appendfsync": b"always"},
            )
            with pytest.raises(NoPermissionError):
                await lethe.get("someone:else")
            with pytest.raises(NoPermissionError):
                await lethe.flushall()


def networks(service: str) -> set[str]:
    return set(SERVICES[service]["networks"])


def section(name: str) -> str:
    """One section of the balancer's configuration."""
    found = re.search(rf"^{name}\n((?:[ \t].*\n|\n)*)", BALANCER, flags=re.MULTILINE)
    assert found is not None
    return found[1]


def in_build_context(path: str) -> bool:
    """Whether .dockerignore lets a path through: the last line that matches decides."""
    taken = True
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.removeprefix("!")
        if not line or line.startswith("#"):
            continue
        prefixes = [str(part) for part in (Path(path), *Path(path).parents) if part != Path()]
        if any(fnmatch.fnmatchcase(prefix, pattern) for prefix in prefixes):
            taken = line.startswith("!")
    return taken


def make_secrets(folder: Path) -> Path:
    """Run the README's first command in a folder; returns the folder of secrets."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    command = re.findall(r"^```sh\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)[0]
    assert "openssl" in command
    subprocess.run(["/bin/sh", "-ec", command], cwd=folder, check=True)
    return folder / "secrets"


def tool(name: str) -> str:
    """A command of the environment that the tests run in."""
    return str(Path(sys.executable).parent / name)
