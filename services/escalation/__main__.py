"""Runs escalation until it is told to stop."""

from services.escalation.app import NAME, stages
from services.escalation.book import Book
from services.escalation.settings import load_policy
from services.runtime.settings import load_settings
from services.runtime.worker import run

if __name__ == "__main__":
    settings = load_settings()
    book = Book(load_policy(settings))
    run(
        NAME,
        lambda registry: stages(book, registry),
        settings,
        prepare=lambda at: book.fill(settings, at),
    )
