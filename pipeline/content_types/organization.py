"""Organizations: who did what, an appendix ordered by name."""

from pipeline.config import ContentType

TYPE = ContentType(
    name="organization",
    key="organizations",
    path="organizations",
    id_field="organization_id",
    schema="schemas/organization.schema.json",
    place="glossary",
    heading="机构",
    heading_en="Organizations",
)
