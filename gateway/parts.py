"""What one gateway is made of; built once, handed to the routes, taken down in reverse."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from gateway.access import Access, key_digest
from gateway.calibration import Calibrated, calibrated
from gateway.compiling import Compiler
from gateway.datakey import data_key
from gateway.encoder import Encoder
from gateway.encoder_cache import open_encoder
from gateway.enforcement import Enforcer
from gateway.engines import Engines, Interventions
from gateway.engines.steering import Steering
from gateway.identity import gateway_id
from gateway.layers import Layers
from gateway.limits import WrongKeys
from gateway.registry.cipher import Cipher
from gateway.registry.embedded import embedded_redis
from gateway.registry.redis_store import RedisRegistry
from gateway.registry.store import Registry
from gateway.retained import load_retained
from gateway.settings import Settings
from gateway.signing import Signer
from gateway.telemetry import Metrics
from gateway.upstream.pool import UpstreamPool
from gateway.warming import warm_up
from guards import Conversation, Verdict
from guards.leak.watch import Watch


@dataclass(frozen=True, slots=True)
class Parts:
    """The running parts of one gateway."""

    settings: Settings
    cipher: Cipher
    registry: Registry
    encoder: Encoder
    calibration: Calibrated
    enforcer: Enforcer
    pool: UpstreamPool
    engines: Engines
    steering: Steering
    interventions: Interventions
    access: Access
    metrics: Metrics
    signer: Signer
    retained: tuple[str, ...]

    @property
    def layers(self) -> Layers:
        """What acts where, at this moment."""
        epoch, acting = self.enforcer.holdings.epoch, self.settings.layers
        return Layers(self.engines.all, epoch, acting, self.steering)

    def watch(self, ids: Collection[str]) -> Watch:
        """What replies to a prompt that matched the rules with these ids may not say."""
        enforcer = self.enforcer
        return Watch.of(lambda: enforcer.rules, enforcer.compiler.key, ids)

    async def screen(self, conversation: Conversation) -> Verdict:
        """The verdict on a conversation, timed; raises `NotReady`."""
        began = time.perf_counter()
        try:
            return await self.enforcer.screen(conversation)
        finally:
            self.metrics.screening.observe(time.perf_counter() - began)


@asynccontextmanager
async def open_registry(settings: Settings, cipher: Cipher) -> AsyncIterator[RedisRegistry]:
    """The registry that the settings name, with its private Redis where none is named.

    Raises `SettingsError` when the embedded Redis cannot be started.
    """
    async with AsyncExitStack() as stack:
        url = settings.redis_url
        if url is None:
            url = await stack.enter_async_context(embedded_redis(settings.data_dir))
        registry = RedisRegistry(
            url,
            cipher,
            timeout_s=settings.redis_timeout_s,
            lease_s=settings.lease_s,
            allow_volatile=settings.allow_volatile_redis,
        )
        stack.push_async_callback(registry.close)
        yield registry


@asynccontextmanager
async def open_parts(settings: Settings) -> AsyncIterator[Parts]:
    """Everything that a gateway needs, running; raises `SettingsError` with the way out."""
    async with AsyncExitStack() as stack:
        cipher = Cipher(data_key(settings))
        name = stack.enter_context(gateway_id(settings.data_dir, settings.host, settings.port))
        metrics = Metrics()
        retained = load_retained(settings.retained_prompts)
        encoder = await asyncio.to_thread(open_encoder, settings)
        calibration = calibrated(settings, encoder.fingerprint)
        metrics.calibrated(calibration)
        await asyncio.to_thread(warm_up, encoder)
        registry = await stack.enter_async_context(open_registry(settings, cipher))
        enforcer = Enforcer(
            registry,
            Compiler(encoder, cipher.derive("passages")),
            cipher,
            gateway_id=name,
            snapshot=settings.data_dir / f"snapshot-{name}.bin",
            thresholds=calibration.thresholds,
            lease_s=settings.lease_s,
            lag_limit_s=settings.lag_limit_s,
            judges=max(1, (os.cpu_count() or 1) // settings.workers),
        )
        metrics.revision.set_function(lambda: enforcer.rules.revision)
        metrics.lag.set_function(lambda: enforcer.lag_s)
        metrics.rules.set_function(lambda: len(enforcer.rules.rules))
        metrics.cached("verdicts", enforcer.verdicts)
        metrics.cached("embeddings", encoder)
        await enforcer.start()
        stack.push_async_callback(enforcer.stop)
        secret = settings.upstream_api_key
        upstream_key = secret.get_secret_value() if secret else None
        pool = await stack.enter_async_context(
            UpstreamPool(
                settings.upstreams,
                api_key=upstream_key,
                timeout_s=settings.upstream_timeout_s,
                connections=settings.upstream_connections,
            )
        )
        steering = Steering(
            encoder,
            retained,
            settings.steering_alpha,
            settings.steering_layer,
            settings.steering_answers == "on",
        )
        engines = await stack.enter_async_context(
            Engines(
                pool.endpoints,
                enforcer,
                api_key=upstream_key,
                steering=steering if "rotate" in settings.layers else None,
            )
        )
        metrics.steerable.set_function(lambda: sum(e.steerable for e in engines.all))
        interventions = Interventions(
            engines.all,
            enforcer,
            encoder,
            steering,
            layers=settings.layers,
            gate=settings.steering_gate,
            penalty=settings.ban_penalty,
        )
        metrics.cached("interventions", interventions.kept)
        yield Parts(
            settings=settings,
            cipher=cipher,
            registry=registry,
            encoder=encoder,
            calibration=calibration,
            enforcer=enforcer,
            pool=pool,
            engines=engines,
            steering=steering,
            interventions=interventions,
            access=access_to(settings, cipher, enforcer),
            metrics=metrics,
            signer=Signer(cipher.derive("signing")),
            retained=retained,
        )


def access_to(settings: Settings, cipher: Cipher, enforcer: Enforcer) -> Access:
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
    )
