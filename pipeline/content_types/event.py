"""Event cards: dated, sourced, causally linked; an appendix ordered by date."""

from pipeline.config import ContentType

TYPE = ContentType(
    name="event",
    key="events",
    path="events",
    id_field="event_id",
    schema="schemas/event.schema.json",
    place="timeline",
    heading="事件卡片",
    heading_en="Event Cards",
)
