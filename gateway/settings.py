"""What can be set: `LETHE_…` in the environment, the same names in lower case in one YAML file."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import platformdirs
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    YamlConfigSettingsSource,
)

# In any script, since a URL may be; a last label of digits alone is an address gone wrong.
_HOST = re.compile(r"(?:\w(?:[\w-]*\w)?\.)*(?!\d+\.?$)\w(?:[\w-]*\w)?\.?")
LAYERS = ("screen", "rotate", "ban", "filter")


class Settings(BaseSettings):
    """Everything that can be set; the descriptions are the reference in docs/settings.md."""

    model_config = SettingsConfigDict(
        env_prefix="LETHE_", extra="forbid", populate_by_name=True, validate_default=False
    )

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=1, le=65535, description="Port to listen on.")
    tls_cert: Path | None = Field(
        None,
        description="PEM file of the certificate and its chain: the port speaks TLS. Read when "
        "the gateway starts.",
    )
    tls_key: Path | None = Field(
        None, description="PEM file of its key. Left out: it stands in the file of the certificate."
    )
    workers: int = Field(
        1,
        ge=1,
        le=64,
        description="Processes that serve the port, each a replica of its own with all forget "
        "requests in memory. One per core that Lethe may take.",
    )
    upstreams: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Comma list of vLLM base URLs, such as `http://127.0.0.1:8000`."
    )
    upstream_api_key: SecretStr | None = Field(None, description="API key sent to vLLM.")
    upstream_timeout_s: float = Field(
        600.0, gt=0, description="Seconds without a byte from vLLM before a request is given up."
    )
    upstream_connections: int = Field(
        512, ge=1, description="Connections to vLLM at most, all upstreams together."
    )
    max_in_flight: int = Field(
        512,
        ge=1,
        description="Chats and completions that a gateway works on at once, streams until they "
        "end.",
    )
    max_waiting: int = Field(
        512,
        ge=0,
        description="Chats and completions that wait for that, half a minute at most; whoever "
        "comes then is answered 429 with `Retry-After`.",
    )
    redis_url: str | None = Field(
        None,
        description="`redis://`, `rediss://` or `unix://` (Redis 6.2 or newer), "
        "`redis+sentinel://host:26379,host:26379/service` or "
        "`redis+cluster://host:6379,host:6379`. Left out, Lethe runs a private Redis in the data "
        "folder.",
    )
    redis_timeout_s: float = Field(
        2.0, gt=0, description="Seconds after which a Redis call is given up."
    )
    redis_replicas: int = Field(
        0,
        ge=0,
        description="Replicas of Redis that must have a change before it is acknowledged. With "
        "Sentinel or a Cluster, 1: a failover then loses nothing that was acknowledged.",
    )
    redis_replicas_fsync: Literal["on", "off"] = Field(
        "off",
        description="`on` acknowledges a change when Redis and these replicas have it in their "
        "append-only files on disk (WAITAOF, Redis 7.2 or newer), not in their memory.",
    )
    allow_volatile_redis: bool = Field(
        False,
        description="Accept a Redis that evicts or keeps no append-only file. Filings can be lost.",
    )
    data_dir: Path = Field(
        Path(platformdirs.user_data_dir("lethe")),
        description="Folder of the embedded Redis, its data key, the encrypted snapshot and this "
        "gateway's name. Do not run a copy of it on a second machine.",
    )
    cache_dir: Path | None = Field(
        None,
        description="Folder of what can be made again, such as the exported encoder. Left out: "
        "the data folder.",
    )
    data_key: SecretStr | None = Field(
        None,
        description="32 bytes, base64: encrypts the registry, keys its look-ups, derives the salt "
        "key. Created in the data folder when Redis is embedded; required otherwise.",
    )
    data_key_file: Path | None = Field(None, description="File that holds the data key.")
    previous_data_key: SecretStr | None = Field(
        None,
        description="The data key before, while it is rotated ([keys.md](keys.md)): what it "
        "encrypted can still be read. Where the data folder holds the key, the one before is "
        "beside it.",
    )
    previous_data_key_file: Path | None = Field(
        None, description="File that holds the data key before."
    )
    bootstrap_key: SecretStr | None = Field(
        None, description="An API key with all roles, for first start and for scripts."
    )
    auth: Literal["on", "off"] = Field(
        "on", description="`off` asks for no API keys; only with a loopback host."
    )
    requests_per_minute: int | None = Field(
        None,
        ge=1,
        description="Requests a minute that an API key may make of one gateway process, where it "
        "has no limit of its own; then 429 with `Retry-After`. Left out: any number.",
    )
    wrong_keys_per_minute: int = Field(
        60,
        ge=1,
        description="Wrong API keys a minute that may come from one address; then no key that was "
        "not right from there before is looked at.",
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Comma list of addresses and networks of proxies whose `X-Forwarded-For` "
        "tells the client's address, such as `10.0.0.5,172.16.0.0/12`.",
    )
    encoder: str | None = Field(
        None,
        description="A sentence-transformers folder or name. Left out: the packaged MiniLM.",
    )
    adapter: Path | None = Field(
        None,
        description="File of an adapter that was trained for the encoder. Left out: the shipped "
        "one for the packaged encoder, none for another.",
    )
    layers: Annotated[tuple[str, ...], NoDecode] = Field(
        LAYERS,
        description="Comma list of the layers that act. Matching always runs; a layer left out "
        "only does not act.",
    )
    steering_alpha: float = Field(
        1.0,
        gt=0,
        le=4,
        description="Strength of rotation, α; `lethe calibrate-steering` finds the one for your "
        "model. Changed, vectors are captured anew.",
    )
    steering_layer: int | None = Field(
        None,
        ge=0,
        description="Decoder layer at which activations are rotated. Left out: the first of those "
        "that the engine was started with (its own LETHE_STEERING_LAYERS).",
    )
    steering_gate: float = Field(
        0.55,
        ge=-1,
        le=1,
        description="Cosine of a prompt to a cluster of filed texts from which the cluster's own "
        "vector acts; where none is so close, all of the request do.",
    )
    steering_answers: Literal["on", "off"] = Field(
        "off",
        description="`on` asks the served model about subjects of which only a name was filed, so "
        "that vectors are made from its own answers too. Nobody sees or keeps them.",
    )
    ban_penalty: float | None = Field(
        None,
        gt=0,
        description="What the logits of tokens lose that would complete a forbidden string. Left "
        "out: such tokens are banned.",
    )
    target_fpr: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="Share of prompts that touch nothing which may be taken for a match. Left out: "
        "the calibration's own, or 0.01 for the shipped thresholds.",
    )
    calibration: Path | None = Field(
        None,
        description="File of `lethe calibrate`. Left out: `calibration.json` in the data folder, "
        "or the shipped thresholds where there is none.",
    )
    lag_limit_s: float = Field(
        30.0, gt=0, description="Seconds without contact to Redis until readiness fails."
    )
    lease_s: float = Field(
        5.0,
        gt=0,
        description="Seconds after which a gateway that does not report counts as silent, and "
        "after which it catches up before it serves again. At least one second and two Redis "
        "time-outs.",
    )
    max_body_mib: float = Field(8.0, gt=0, description="Largest request body, in MiB.")
    approval: Literal["none", "provisional", "required"] = Field(
        "none",
        description="`required`: a filing acts once an approver has approved it. `provisional`: "
        "one under gdpr, uk-gdpr or ccpa acts while it waits for that, others do not. `none`: "
        "filings act at once.",
    )
    four_eyes: Literal["on", "off"] = Field(
        "on",
        description="`on` lets nobody approve, pause or lift what the same API key has filed. The "
        "bootstrap key is exempt: take it away after first start.",
    )
    outcomes_days: int = Field(
        400,
        ge=1,
        le=3650,
        description="Days for which it is kept how often each forget request was enforced.",
    )
    trace_sample: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Share of the chats that were enforced, or had no verdict, whose prompt, "
        "verdict and beginning of the reply are kept, sealed, for auditors. THEY HOLD WHAT "
        "PEOPLE ASKED: leave it at 0 unless somebody has to look into that, and for no longer.",
    )
    trace_hours: int = Field(
        24, ge=1, le=720, description="Hours after which such a trace is gone."
    )
    forget_intent: Literal["on", "off"] = Field(
        "on",
        description="Chats that ask to forget somebody are answered by Lethe: `pending` requests "
        "are made of those whose key may file, others are told where to ask. `off` passes them "
        "on to the model.",
    )
    forget_contact: str | None = Field(
        None,
        max_length=300,
        description="Where a person is sent who asks in a chat to be forgotten and whose key may "
        "not file: an address or a URL. Left out: the privacy officer of whoever runs the service.",
    )
    retained_prompts: Path | None = Field(
        None,
        description="File of prompts that must stay answered, on which every filing is tried and "
        'from which steering vectors are told apart: plain text or `{"text": …}`, one a line. Left '
        "out: some 400 that come with Lethe.",
    )
    collateral_limit: float = Field(
        0.02,
        ge=0,
        le=1,
        description="Share of the sample of ordinary prompts, or of ordinary answers, above which "
        "a filing that would block it waits for an approver. 0 holds whatever blocks one of them, "
        "1 holds nothing for that.",
    )
    callback_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Comma list of host names, addresses and networks inside your own network to "
        "which webhooks may be sent, such as `rag.internal,10.1.0.0/16`. Others must have a public "
        "address, or that of this machine where the gateway is tried out: on a loopback host, with "
        "its private Redis and without trusted proxies.",
    )
    leak_finish_reason: Literal["stop", "content_filter"] = Field(
        "stop",
        description="`finish_reason` of a reply that the output filter stopped: `stop`, as of any "
        "other, or `content_filter`, which tells the client.",
    )
    refusal_timing: Literal["on", "off"] = Field(
        "off",
        description="`on` delays refusals, streamed or not, so that they take as long as ordinary "
        "answers of the same model; at most 20 seconds.",
    )
    model_replies: Literal["on", "off"] = Field(
        "off",
        description="`on` asks the served model, for at most two seconds, to say that it does not "
        "know; it is never told of whom. Where its words do not fit, Lethe's own are said.",
    )
    expand: Literal["on", "off"] = Field(
        "off", description="`on` asks the served model for more phrasings. Not yet built."
    )

    log_format: Literal["text", "json"] = Field(
        "text", description="Lines of the log as plain text, or each as one JSON object."
    )
    access_log: Literal["off", "admin", "all"] = Field(
        "admin",
        description="Which requests are logged, a line each: those to `/admin`, `all`, or none. "
        "Those that fail with 500 or more always are. No line holds a path, a query or a body.",
    )
    otel_endpoint: str | None = Field(
        None,
        description="Base URL of an OpenTelemetry collector that takes traces by OTLP over HTTP, "
        "such as `http://127.0.0.1:4318`. Left out: no traces are made.",
    )

    @field_validator("upstreams", "layers", "trusted_proxies", "callback_hosts", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return (
            tuple(p.strip() for p in value.split(",") if p.strip())
            if isinstance(value, str)
            else value
        )

    @field_validator("upstreams")
    @classmethod
    def _base_urls(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        for url in urls:
            if not url.startswith(("http://", "https://")):
                raise ValueError(f"{url!r} is no base URL such as http://127.0.0.1:8000")
        return tuple(url.rstrip("/").removesuffix("/v1") for url in urls)

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        for proxy in proxies:
            try:
                ip_network(proxy)
            except ValueError:
                raise ValueError(
                    f"{proxy!r} is no address such as 10.0.0.5, no network such as 10.0.0.0/8"
                ) from None
        return proxies

    @field_validator("callback_hosts")
    @classmethod
    def _hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            try:
                ip_network(host, strict=False)
            except ValueError:
                if not _HOST.fullmatch(host):
                    raise ValueError(
                        f"{host!r} is no host name such as rag.internal, no address and no network "
                        "such as 10.1.0.0/16"
                    ) from None
        return hosts

    @field_validator("otel_endpoint")
    @classmethod
    def _collector(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("http://", "https://")):
            raise ValueError("must be a URL such as http://127.0.0.1:4318")
        return url

    @field_validator("layers")
    @classmethod
    def _known_layers(cls, layers: tuple[str, ...]) -> tuple[str, ...]:
        for layer in layers:
            if layer not in LAYERS:
                raise ValueError(f"{layer!r} is none of {', '.join(LAYERS)}")
        return layers

    @field_validator("expand")
    @classmethod
    def _not_yet(cls, value: str) -> str:
        if value == "on":
            raise ValueError("is not built yet in this version; leave it off")
        return value

    @model_validator(mode="after")
    def _open_only_on_loopback(self) -> Self:
        if self.auth == "off" and not is_loopback(self.host):
            raise ValueError("auth may be off only on a loopback host; set LETHE_HOST=127.0.0.1")
        return self

    @model_validator(mode="after")
    def _key_of_a_certificate(self) -> Self:
        if self.tls_key is not None and self.tls_cert is None:
            raise ValueError("tls_key is set without tls_cert; set LETHE_TLS_CERT too")
        return self

    @model_validator(mode="after")
    def _replicas_are_somewhere(self) -> Self:
        if self.redis_replicas and self.redis_url is None:
            raise ValueError(
                "the private Redis has no replicas; set LETHE_REDIS_URL to one that has"
            )
        if self.redis_replicas_fsync == "on" and not self.redis_replicas:
            raise ValueError("redis_replicas_fsync is for replicas; set LETHE_REDIS_REPLICAS=1")
        return self

    @model_validator(mode="after")
    def _lease_outlasts_a_look(self) -> Self:
        # Else a gateway would doubt itself while it waits for a Redis that does not answer.
        least = 1 + 2 * self.redis_timeout_s
        if self.lease_s < least:
            raise ValueError(f"lease_s must be at least {least:g}: 1 + 2 × redis_timeout_s")
        return self

    @property
    def own_url(self) -> str:
        """Where the gateway listens, as a URL."""
        scheme = "http" if self.tls_cert is None else "https"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}"

    @property
    def max_body(self) -> int:
        """Largest request body in bytes."""
        return int(self.max_body_mib * 2**20)

    @property
    def caches(self) -> Path:
        """Folder of what can be made again."""
        return self.cache_dir or self.data_dir

    @property
    def open_access(self) -> bool:
        """Whether requests need no API key."""
        return self.auth == "off"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, then the YAML file."""
        return init_settings, env_settings, YamlConfigSettingsSource(settings_cls)


def is_loopback(host: str) -> bool:
    """Whether a host name or address can be reached from this machine only."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
