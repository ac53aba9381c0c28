# syntax=docker/dockerfile:1
# Targets: web (HTTP and beat, no machine learning), worker (default queue, the same packages), ml (score and train).
#   docker build --target web .
#   docker build --target ml --build-arg TENSORFLOW="tensorflow[and-cuda]==2.21.0" .     for GPUs

FROM node:24.11.1-bookworm-slim AS front-end
WORKDIR /front-end
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
RUN npm run build

FROM python:3.12.12-slim-bookworm AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN groupadd --gid 10001 antesis && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/antesis antesis \
 && install -d -o antesis -g antesis /var/lib/antesis
WORKDIR /app
COPY requirements.txt ./
# requirements.txt has three fenced parts; images want neither the embedded services nor, unless they are ml, the networks.
RUN sed '/^# --- embedded/,$d' requirements.txt > requirements-web.txt \
 && sed -n '/^# --- machine learning/,$p' requirements.txt > requirements-ml.txt \
 && pip install -r requirements-web.txt
COPY manage.py pyproject.toml LICENSE ./
COPY config/ config/
COPY labeling/ labeling/
COPY classifier/ classifier/
COPY --from=front-end /front-end/dist frontend/dist/
# The settings for tools need no secrets; collectstatic compresses the pages' files once, at build time.
RUN DJANGO_SETTINGS_MODULE=config.settings.tools python manage.py collectstatic --noinput -v0
ARG CODE_REVISION=""
ENV DJANGO_SETTINGS_MODULE=config.settings.prod ANTESIS_VAR=/var/lib/antesis CODE_REVISION=$CODE_REVISION
USER antesis
VOLUME /var/lib/antesis

FROM base AS web
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "8", "--no-ws", "config.wsgi:application"]

FROM base AS worker
HEALTHCHECK --interval=20s --timeout=10s --start-period=30s CMD ["python", "-m", "config.worker_alive", "default"]
CMD ["celery", "-q", "-A", "config.celery", "worker", "-Q", "default", "-n", "default@%h", "--concurrency", "2", "--without-gossip", "--without-mingle", "--loglevel", "INFO"]

FROM base AS ml
USER root
ARG TENSORFLOW=""
RUN if [ -n "$TENSORFLOW" ]; then sed -i '/^tensorflow/d' requirements-ml.txt && echo "$TENSORFLOW" >> requirements-ml.txt; fi \
 && pip install -r requirements-ml.txt
USER antesis
HEALTHCHECK --interval=20s --timeout=10s --start-period=60s CMD ["python", "-m", "config.worker_alive", "score", "train"]
CMD ["celery", "-q", "-A", "config.celery", "worker", "-Q", "score", "-n", "score@%h", "--concurrency", "1", "--without-gossip", "--without-mingle", "--loglevel", "INFO"]
