"""Concepts: the glossary."""

from pipeline.config import ContentType

TYPE = ContentType(
    name="concept",
    key="concepts",
    path="concepts",
    id_field="concept_id",
    schema="schemas/concept.schema.json",
    place="glossary",
    heading="术语表",
    heading_en="Glossary",
)
