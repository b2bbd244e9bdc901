# The API and the bot: one image, two commands, which the task definitions name (templates/tasks.py).
#
#     make image
#     docker run --read-only --tmpfs /tmp --env-file .env sparta                         # the API
#     docker run --read-only --tmpfs /tmp --env-file .env sparta python -m sparta.bot    # the bot

# Where no registry is reached: `make image ARGS="--build-arg BASE=<an image>"`, of one that has Python 3.13 as `python`.
# Dependabot keeps the digest, of the list for all processors, on the newest patch.
ARG BASE=python:3.13.15-slim-trixie@sha256:9d2e5553305c7c7b0097999bb17187c69b921ccd6bc9d40e4bb5ebe652c00285

FROM ${BASE} AS build
COPY requirements/api.txt requirements/bot.txt /requirements/
# Exactly the files of the locks and ready-made wheels only; pip itself stays behind.
RUN python -m venv --without-pip /opt/venv \
    && python -m pip --python /opt/venv/bin/python install --disable-pip-version-check --no-cache-dir --quiet \
        --require-hashes --only-binary :all: -r /requirements/api.txt \
    && python -m pip --python /opt/venv/bin/python install --disable-pip-version-check --no-cache-dir --quiet \
        --require-hashes --only-binary :all: -r /requirements/bot.txt
COPY gunicorn.conf.py /app/
COPY sparta /app/sparta
# Nothing can be written later, so it is compiled now.
RUN python -m compileall -q --invalidation-mode unchecked-hash /app

FROM ${BASE}
# As the tasks run: no name to log in with, no home.
RUN groupadd --gid 10001 sparta \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin sparta
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
ENV PATH=/opt/venv/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    API_HOST=0.0.0.0
WORKDIR /app
USER 10001:10001
# The one place to write, also where the root is read-only; so its permissions reach a task's empty volume.
VOLUME ["/tmp"]
EXPOSE 3000
STOPSIGNAL SIGTERM
# Either of the two: the bot touches its file while Discord and the API answer, the API answers. ECS has checks of its own.
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s --retries=3 \
    CMD ["/bin/sh", "-c", "find /tmp/sparta-bot.healthy -mmin -1 2>/dev/null | grep -q . || python -c 'import os, urllib.request as r; r.urlopen(\"http://127.0.0.1:\" + os.environ.get(\"API_PORT\", \"3000\") + \"/health\", timeout=3)' 2>/dev/null"]
CMD ["gunicorn", "sparta.api:create_app()"]
