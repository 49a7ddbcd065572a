# The service without PyTorch, as a user without rights:
#   docker build -t sigsimnet . && docker compose up
FROM python:3.12-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE constraints.txt ./
COPY src src
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir -c constraints.txt '.[app,baselines,formats,profile]'

FROM python:3.12-slim
LABEL org.opencontainers.image.title="SigSimNet" org.opencontainers.image.licenses="BSD-3-Clause"
RUN useradd --create-home --uid 10001 sigsimnet && mkdir /data && chown sigsimnet /data
COPY --from=build /venv /venv
USER 10001
WORKDIR /data
ENV PATH=/venv/bin:$PATH NUMBA_CACHE_DIR=/tmp/numba MPLCONFIGDIR=/tmp/matplotlib
VOLUME /data
ENTRYPOINT ["sigsimnet"]
CMD ["serve", "--root", "/data"]
