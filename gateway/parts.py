"""What one gateway is made of; built once, handed to the routes, taken down in reverse."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from gateway import housekeeping
from gateway.access import Access, key_digest
from gateway.audit.outcomes import Outcomes
from gateway.audit.recorder import recording
from gateway.audit.traces import Traces
from gateway.calibration import Calibrated, calibrated
from gateway.compiling import Compiler
from gateway.datakey import open_cipher
from gateway.encoder import Encoder
from gateway.encoder_cache import CachedEncoder, open_encoder
from gateway.enforcement import Enforcer
from gateway.engines import Engines, Interventions
from gateway.engines.steering import Steering
from gateway.identity import gateway_id
from gateway.keyholding import KeyHolder
from gateway.layers import Layers
from gateway.limits import WrongKeys
from gateway.monitor import FalseStops
from gateway.registry.cipher import Cipher
from gateway.registry.embedded import embedded_redis, redis_folder
from gateway.registry.redis_deliveries import RedisDeliveries
from gateway.registry.redis_recipients import RedisRecipients
from gateway.registry.redis_store import RedisRegistry
from gateway.registry.store import Registry
from gateway.repeating import repeating
from gateway.retained import load_retained
from gateway.sampling import Sampling
from gateway.settings import Settings
from gateway.signing import Signer
from gateway.telemetry import Metrics, watching
from gateway.upstream.pool import UpstreamPool
from gateway.warming import warm_up
from gateway.webhooks.dispatcher import Dispatcher
from gateway.webhooks.running import delivering
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
    recipients: RedisRecipients
    deliveries: RedisDeliveries
    dispatcher: Dispatcher
    outcomes: Outcomes
    traces: Traces
    retained: tuple[str, ...]
    sampling: Sampling
    monitor: FalseStops

    @property
    def layers(self) -> Layers:
        """What acts where, at this moment."""
        epoch, acting = self.enforcer.holdings.epoch, self.settings.layers
        return Layers(self.engines.all, epoch, acting, self.steering)

    def watch(self, ids: Collection[str]) -> Watch:
        """What replies to a prompt that matched the rules with these ids may not say."""
        enforcer = self.enforcer
        return Watch.of(lambda: enforcer.rules, enforcer.compiler.key, ids)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What an operator should know, in sentences."""
        return (*self.registry.warnings, *self.enforcer.warnings, *self.traces.warnings)

    def count(self, outcome: str, touched: Mapping[str, str]) -> None:
        """Count an answered request, and what became of it for each forget request it touched."""
        self.metrics.count(outcome)
        self.outcomes.add(outcome, touched)

    def observe(self, ids: Collection[str]) -> None:
        """Count a request that touches forget requests which only observe."""
        self.metrics.observe(ids)
        self.outcomes.let_pass(ids)

    async def screen(self, conversation: Conversation) -> Verdict:
        """The verdict on a conversation, timed; raises `NotReady`."""
        began = time.perf_counter()
        action = "none"
        try:
            verdict = await self.enforcer.screen(conversation)
            action = verdict.action
            return verdict
        finally:
            revision = self.enforcer.rules.revision
            took = time.perf_counter() - began
            self.metrics.took("screen", took, action=action, revision=revision)


@asynccontextmanager
async def open_registry(settings: Settings, cipher: Cipher) -> AsyncIterator[RedisRegistry]:
    """The registry that the settings name, with its private Redis where none is named.

    Raises `SettingsError` when the embedded Redis cannot be started.
    """
    async with AsyncExitStack() as stack:
        url, folder = settings.redis_url, None
        if url is None:
            url = await stack.enter_async_context(embedded_redis(settings.data_dir))
            folder = redis_folder(settings.data_dir)
        registry = RedisRegistry(
            url,
            cipher,
            timeout_s=settings.redis_timeout_s,
            lease_s=settings.lease_s,
            allow_volatile=settings.allow_volatile_redis,
            replicas=settings.redis_replicas,
            fsync=settings.redis_replicas_fsync == "on",
            folder=folder,
        )
        stack.push_async_callback(registry.close)
        yield registry


def _measure(metrics: Metrics, enforcer: Enforcer, encoder: CachedEncoder) -> None:
    """Tell from here on what is enforced, and how large its caches are."""
    metrics.tell(metrics.revision, lambda: enforcer.rules.revision)
    metrics.tell(metrics.lag, lambda: enforcer.lag_s)
    metrics.tell(metrics.rules, lambda: len(enforcer.rules.rules))
    metrics.tell(metrics.unsaved, lambda: enforcer.unsaved_s)
    metrics.cached("verdicts", enforcer.verdicts)
    metrics.cached("embeddings", encoder)


async def _loaded(settings: Settings) -> CachedEncoder:
    """The encoder, warm."""
    encoder = await asyncio.to_thread(open_encoder, settings)
    await asyncio.to_thread(warm_up, encoder)
    return encoder


@asynccontextmanager
async def _keyed_registry(settings: Settings, cipher: Cipher) -> AsyncIterator[RedisRegistry]:
    """The registry, and the cipher with the keyring of its store."""
    async with open_registry(settings, cipher) as registry, KeyHolder(settings, cipher, registry):
        yield registry


@asynccontextmanager
async def open_parts(settings: Settings) -> AsyncIterator[Parts]:
    """Everything that a gateway needs, running; raises `SettingsError` with the way out."""
    async with AsyncExitStack() as stack:
        cipher = open_cipher(settings)
        name = stack.enter_context(gateway_id(settings.data_dir, settings.host, settings.port))
        tracing = None
        if settings.otel_endpoint is not None:
            # Loaded where it is wanted only, which is seldom.
            from gateway.telemetry.tracing import open_tracing  # noqa: PLC0415

            tracing = await stack.enter_async_context(open_tracing(settings.otel_endpoint, name))
        metrics = Metrics(tracing)
        retained = load_retained(settings.retained_prompts)
        # Redis reads its data while the encoder is loaded: both take seconds.
        loading = asyncio.create_task(_loaded(settings))
        stack.callback(loading.cancel)
        registry = await stack.enter_async_context(_keyed_registry(settings, cipher))
        encoder = await loading
        calibration = calibrated(settings, encoder.fingerprint)
        metrics.calibrated(calibration)
        compiler = Compiler(encoder, cipher.derive("passages"), partial(metrics.took, "compile"))
        sampling = Sampling(retained, compiler, settings.caches)
        stack.push_async_callback(sampling.stop)
        enforcer = Enforcer(
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
        _measure(metrics, enforcer, encoder)
        await enforcer.start()
        stack.push_async_callback(enforcer.stop)
        sampling.start()
        monitor = FalseStops()
        metrics.suspected.set_function(lambda: len(monitor.suspected))
        secret = settings.upstream_api_key
        upstream_key = secret.get_secret_value() if secret else None
        pool = await stack.enter_async_context(
            UpstreamPool(
                settings.upstreams,
                api_key=upstream_key,
                timeout_s=settings.upstream_timeout_s,
                connections=settings.upstream_connections,
                took=metrics.took,
                traced=tracing.headers if tracing else dict,
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
        metrics.tell(metrics.steerable, lambda: sum(e.steerable for e in engines.all))
        around = metrics.surroundings
        around.engines = lambda: engines.all
        around.standing = lambda: (enforcer.holdings.epoch, enforcer.rules.revision)
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
        metrics.tell(metrics.ready, lambda: float(not problems_of(enforcer, pool)))
        looking = partial(watching.watch, metrics, registry, enforcer, settings.data_dir)
        keeping = partial(housekeeping.keep_house, registry, name)
        for work, every_s, doing in (
            (looking, watching.EVERY_S, "looking around"),
            (keeping, housekeeping.EVERY_S, "keeping house"),
        ):
            await stack.enter_async_context(repeating(work, every_s, doing))
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


def problems_of(enforcer: Enforcer, pool: UpstreamPool) -> list[str]:
    """Why a gateway is not ready, in sentences; empty when it is."""
    problems = enforcer.problems()
    if not any(endpoint.healthy for endpoint in pool.endpoints):
        problems.append("No upstream in LETHE_UPSTREAMS answers.")
    return problems


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
