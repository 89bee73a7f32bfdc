"""Chapters: the body of the book, in the order of its folders."""

from pipeline.config import ContentType

TYPE = ContentType(
    name="chapter",
    key="chapters",
    path="manuscript",
    id_field="chapter_id",
    schema="schemas/chapter.schema.json",
    place="body",
)
