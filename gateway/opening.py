"""Opening a gateway: its parts are built and started once, and taken down in reverse."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from gateway import housekeeping
from gateway.audit.recorder import recording
from gateway.building import (
    access_to,
    enforcer_of,
    engines_of,
    interventions_of,
    pool_of,
    steering_of,
)
from gateway.calibration import calibrated
from gateway.compiling import Compiler
from gateway.datakey import open_cipher
from gateway.encoder_cache import CachedEncoder, open_encoder
from gateway.enforcement import Enforcer
from gateway.engines import Engines, Interventions
from gateway.identity import gateway_id
from gateway.keyholding import KeyHolder
from gateway.monitor import FalseStops
from gateway.parts import Parts, problems_of
from gateway.registry.cipher import Cipher
from gateway.registry.redis_store import RedisRegistry
from gateway.registry_open import open_registry
from gateway.repeating import repeating
from gateway.retained import load_retained
from gateway.sampling import Sampling
from gateway.settings import Settings
from gateway.signing import Signer
from gateway.telemetry import Metrics, watching
from gateway.upstream.pool import UpstreamPool
from gateway.warming import warm_up
from gateway.webhooks.running import delivering

if TYPE_CHECKING:
    from gateway.telemetry.tracing import Tracing


@asynccontextmanager
async def open_parts(settings: Settings) -> AsyncIterator[Parts]:
    """Everything that a gateway needs, running; raises `SettingsError` with the way out."""
    async with AsyncExitStack() as stack:
        cipher = open_cipher(settings)
        name = stack.enter_context(gateway_id(settings.data_dir, settings.host, settings.port))
        metrics = Metrics(await stack.enter_async_context(_tracing(settings, name)))
        retained = load_retained(settings.retained_prompts)
        registry, encoder = await stack.enter_async_context(_stored(settings, cipher))
        calibration = calibrated(settings, encoder.fingerprint)
        metrics.calibrated(calibration)
        compiler = Compiler(encoder, cipher.derive("passages"), partial(metrics.took, "compile"))
        sampling = Sampling(retained, compiler, settings.caches)
        stack.push_async_callback(sampling.stop)
        enforcer = enforcer_of(
            settings, registry, compiler, cipher, calibration=calibration, name=name
        )
        _measure(metrics, enforcer, encoder)
        await enforcer.start()
        stack.push_async_callback(enforcer.stop)
        sampling.start()
        monitor = FalseStops()
        metrics.suspected.set_function(lambda: len(monitor.suspected))
        pool = await stack.enter_async_context(pool_of(settings, metrics))
        steering = steering_of(settings, encoder, retained)
        engines = await stack.enter_async_context(engines_of(settings, pool, enforcer, steering))
        interventions = interventions_of(settings, engines, enforcer, encoder, steering)
        _measure_engines(metrics, enforcer, pool, engines, interventions)
        await stack.enter_async_context(_looking_after(settings, registry, enforcer, metrics))
        signer = Signer(cipher.derive("signing"))
        dispatcher = await stack.enter_async_context(
            delivering(
                registry,
                settings,
                signer,
                metrics,
                gateway_id=name,
                following=lambda: enforcer.connected,
            )
        )
        recorded = await stack.enter_async_context(recording(registry, settings, name))
        metrics.cached("outcomes", recorded.outcomes)
        metrics.cached("traces", recorded.traces)
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
            access=access_to(settings, cipher, enforcer, metrics),
            metrics=metrics,
            signer=signer,
            recipients=registry.recipients,
            deliveries=registry.deliveries,
            dispatcher=dispatcher,
            outcomes=recorded.outcomes,
            traces=recorded.traces,
            retained=retained,
            sampling=sampling,
            monitor=monitor,
        )


@asynccontextmanager
async def _tracing(settings: Settings, name: str) -> AsyncIterator[Tracing | None]:
    """Traces of the gateway with this name, None where they are off."""
    if settings.otel_endpoint is None:
        yield None
        return
    # Loaded where it is wanted only, which is seldom.
    from gateway.telemetry.tracing import open_tracing  # noqa: PLC0415

    async with open_tracing(settings.otel_endpoint, name) as tracing:
        yield tracing


@asynccontextmanager
async def _stored(
    settings: Settings, cipher: Cipher
) -> AsyncIterator[tuple[RedisRegistry, CachedEncoder]]:
    """The registry, with the cipher that has the keyring of its store, and the encoder."""
    async with AsyncExitStack() as stack:
        # Redis reads its data while the encoder is loaded: both take seconds.
        loading = asyncio.create_task(_loaded(settings))
        stack.callback(loading.cancel)
        registry = await stack.enter_async_context(open_registry(settings, cipher))
        await stack.enter_async_context(KeyHolder(settings, cipher, registry))
        yield registry, await loading


async def _loaded(settings: Settings) -> CachedEncoder:
    """The encoder, warm."""
    encoder = await asyncio.to_thread(open_encoder, settings)
    await asyncio.to_thread(warm_up, encoder)
    return encoder


def _measure(metrics: Metrics, enforcer: Enforcer, encoder: CachedEncoder) -> None:
    """Tell from here on what is enforced, and how large its caches are."""
    metrics.tell(metrics.revision, lambda: enforcer.rules.revision)
    metrics.tell(metrics.lag, lambda: enforcer.lag_s)
    metrics.tell(metrics.rules, lambda: len(enforcer.rules.rules))
    metrics.tell(metrics.unsaved, lambda: enforcer.unsaved_s)
    metrics.cached("verdicts", enforcer.verdicts)
    metrics.cached("embeddings", encoder)


def _measure_engines(
    metrics: Metrics,
    enforcer: Enforcer,
    pool: UpstreamPool,
    engines: Engines,
    interventions: Interventions,
) -> None:
    """Tell from here on which engines can act, and whether this gateway is ready."""
    metrics.tell(metrics.steerable, lambda: sum(e.steerable for e in engines.all))
    around = metrics.surroundings
    around.engines = lambda: engines.all
    around.standing = lambda: (enforcer.holdings.epoch, enforcer.rules.revision)
    metrics.cached("interventions", interventions.kept)
    metrics.tell(metrics.ready, lambda: float(not problems_of(enforcer, pool)))


@asynccontextmanager
async def _looking_after(
    settings: Settings, registry: RedisRegistry, enforcer: Enforcer, metrics: Metrics
) -> AsyncIterator[None]:
    """Look around and keep house in the background."""
    looking = partial(watching.watch, metrics, registry, enforcer, settings.data_dir)
    keeping = partial(housekeeping.keep_house, registry, enforcer.gateway_id)
    async with (
        repeating(looking, watching.EVERY_S, "looking around"),
        repeating(keeping, housekeeping.EVERY_S, "keeping house"),
    ):
        yield
