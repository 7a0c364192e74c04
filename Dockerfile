# The product image: services and their command line; no local Kafka, no test tools (deploy/requirements.txt).
# Tags could not be pulled on the machine this was written on: pin them by digest at your registry.
FROM python:3.11.14-slim-bookworm AS build
COPY deploy/requirements.txt /build/requirements.txt
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check \
    --require-hashes --only-binary :all: -r /build/requirements.txt

FROM python:3.11.14-slim-bookworm
# A named volume takes the owner of the folder it is mounted over: without this the numeric user cannot write.
RUN install -d -o 10001 -g 10001 -m 0700 /var/lib/anxin /var/lib/anxin/vault /var/lib/anxin/desk \
    /var/lib/anxin/notifier
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY schemas schemas
COPY services services
COPY policies policies
ENV PATH=/opt/venv/bin:$PATH PYTHONPATH=/app PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
ENTRYPOINT []
CMD ["python", "-m", "services.cli", "--help"]
