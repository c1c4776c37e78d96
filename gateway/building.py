"""The parts of a gateway as its settings have them; none of them runs yet."""

from __future__ import annotations

import os

from gateway.access import Access, key_digest
from gateway.calibration import Calibrated
from gateway.compiling import Compiler
from gateway.encoder import Encoder
from gateway.enforcement import Enforcer
from gateway.engines import Engines, Interventions
from gateway.engines.steering import Steering
from gateway.limits import WrongKeys
from gateway.registry.cipher import Cipher
from gateway.registry.redis_store import RedisRegistry
from gateway.settings import Settings
from gateway.telemetry import Metrics
from gateway.upstream.pool import UpstreamPool


def enforcer_of(
    settings: Settings,
    registry: RedisRegistry,
    compiler: Compiler,
    cipher: Cipher,
    *,
    calibration: Calibrated,
    name: str,
) -> Enforcer:
    """What follows the registry and judges, for the gateway with this name."""
    return Enforcer(
        registry,
        compiler,
        cipher,
        gateway_id=name,
        snapshot=settings.data_dir / f"snapshot-{name}.bin",
        thresholds=calibration.thresholds,
        lease_s=settings.lease_s,
        lag_limit_s=settings.lag_limit_s,
        judges=max(1, (os.cpu_count() or 1) // settings.workers),
    )


def pool_of(settings: Settings, metrics: Metrics) -> UpstreamPool:
    """What answers chats; it is told how long that takes and, where that is on, traced."""
    tracing = metrics.tracing
    return UpstreamPool(
        settings.upstreams,
        api_key=_upstream_key(settings),
        timeout_s=settings.upstream_timeout_s,
        connections=settings.upstream_connections,
        took=metrics.took,
        traced=tracing.headers if tracing else dict,
    )


def steering_of(settings: Settings, encoder: Encoder, retained: tuple[str, ...]) -> Steering:
    """Strength and layer of vectors, and the prompts that they are freed of."""
    return Steering(
        encoder,
        retained,
        settings.steering_alpha,
        settings.steering_layer,
        settings.steering_answers == "on",
    )


def engines_of(
    settings: Settings, pool: UpstreamPool, enforcer: Enforcer, steering: Steering
) -> Engines:
    """The engines behind the pool; vectors are made only where the settings let them act."""
    return Engines(
        pool.endpoints,
        enforcer,
        api_key=_upstream_key(settings),
        steering=steering if "rotate" in settings.layers else None,
    )


def interventions_of(
    settings: Settings,
    engines: Engines,
    enforcer: Enforcer,
    encoder: Encoder,
    steering: Steering,
) -> Interventions:
    """What decides what engines are asked to do; these have been entered."""
    return Interventions(
        engines.all,
        enforcer,
        encoder,
        steering,
        layers=settings.layers,
        gate=settings.steering_gate,
        penalty=settings.ban_penalty,
    )


def access_to(settings: Settings, cipher: Cipher, enforcer: Enforcer, metrics: Metrics) -> Access:
    """Access control over the keys that the enforcer holds, and the bootstrap key."""
    hash_key = cipher.derive("api-keys")
    bootstrap = settings.bootstrap_key
    return Access(
        table=enforcer,
        hash_key=hash_key,
        bootstrap=key_digest(bootstrap.get_secret_value(), hash_key) if bootstrap else None,
        open_access=settings.open_access,
        per_minute=settings.requests_per_minute,
        wrong=WrongKeys(settings.wrong_keys_per_minute),
        refused=metrics.key_refused,
    )


def _upstream_key(settings: Settings) -> str | None:
    secret = settings.upstream_api_key
    return secret.get_secret_value() if secret else None
