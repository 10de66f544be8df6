"""What every section of a recipe shares: unknown keys and numbers that are none are refused, and nothing changes after loading."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    """Refuse unknown keys, nan and inf, and changes after loading, in every section."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


Fraction = Annotated[float, Field(gt=0, le=1)]
Positive = Annotated[int, Field(gt=0)]
