# Two images: front (the way in), and kring (migrate, web, worker, beat, keeping; docker-compose.yml
# gives each its command). Patches of the same versions come with: docker compose build --pull

FROM caddy:2.11 AS front
# A copy has not the capability that would keep the program from starting without any.
RUN cp /usr/bin/caddy /usr/bin/front && mv /usr/bin/front /usr/bin/caddy \
    && adduser -D -H -u 10002 front && chown -R front /data /config
COPY deploy/Caddyfile /etc/caddy/Caddyfile
USER front


# What backup and restore need, of the very version of the database; with the libraries beside it.
FROM postgres:17-bookworm AS clients
RUN mkdir -p /clients/bin /clients/lib \
    && cp /usr/lib/postgresql/17/bin/pg_dump /usr/lib/postgresql/17/bin/pg_restore /clients/bin \
    && ldd /clients/bin/* | awk '$3 ~ "^/" { print $3 }' | sort -u \
        | grep -Ev '/(libc|libm|libpthread|libdl|libresolv)\.so' | xargs cp -t /clients/lib


FROM python:3.11-slim-bookworm AS kring

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH=/srv/kring/platform:/srv/kring \
    DJANGO_SETTINGS_MODULE=kring.settings \
    KRING_HOME=/var/lib/kring \
    KRING_STATIC_ROOT=/srv/kring/static-files
WORKDIR /srv/kring

COPY requirements.production.lock ./
RUN pip install --no-cache-dir --disable-pip-version-check --root-user-action ignore \
        --require-hashes --requirement requirements.production.lock \
    && useradd --system --uid 10001 --home-dir /var/lib/kring --create-home kring

COPY --from=clients /clients /usr/lib/postgresql/17
RUN echo /usr/lib/postgresql/17/lib > /etc/ld.so.conf.d/zz-postgresql.conf && ldconfig

COPY manage.py ./
COPY platform platform
COPY members members
COPY circles circles
COPY questions questions
COPY templates templates
COPY static static
COPY locale locale
COPY deploy/ready.py deploy/pulse.py deploy/
# Nothing here is kept: the addresses and the key are only there for the settings to load.
RUN python -m kring.local.translations --compile \
    && KRING_SECRET_KEY="$(python -c 'import secrets; print(secrets.token_hex(32))')" \
        DATABASE_URL=postgresql://build/kring REDIS_URL=redis://build \
        KRING_URL=https://build.example KRING_HOME=/tmp/build \
        python manage.py collectstatic --noinput --verbosity 0 \
    && python -m compileall -q platform members circles questions

USER kring
EXPOSE 8000
CMD ["gunicorn", "--config", "python:kring.serving", "--bind", "0.0.0.0:8000", \
     "kring.wsgi:application"]
