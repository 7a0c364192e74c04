"""The floor of the door: a body in, the broker's ack, 202 out. Nothing is proven, checked or remembered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiokafka
from fastapi import FastAPI, Request
from prometheus_client import CollectorRegistry

from services.runtime.settings import Settings, load_settings
from services.runtime.web import Told, serve


def app_of(settings: Settings) -> FastAPI:
    producer: aiokafka.AIOKafkaProducer

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        nonlocal producer
        producer = aiokafka.AIOKafkaProducer(
            bootstrap_servers=settings.kafka, acks="all", enable_idempotence=True
        )
        await producer.start()
        yield
        await producer.stop()

    app = FastAPI(lifespan=life)

    @app.post("/v1/submissions/{channel}", status_code=202)
    async def take(channel: str, request: Request) -> dict[str, int]:
        topic = f"{settings.topic_prefix}inbound-{channel}"
        await producer.send_and_wait(topic, await request.body())
        return {"taken": 1}

    return app


async def main(settings: Settings) -> None:
    told = Told(settings, CollectorRegistry(), list)
    await serve(app_of(settings), told, lambda: None)


if __name__ == "__main__":
    asyncio.run(main(load_settings()))
