from pydantic import BaseModel, SecretStr, ValidationError, model_validator

from core.validation import problems


class Door(BaseModel):
    """Something with rules."""

    key: SecretStr
    width: int = 1

    @model_validator(mode="after")
    def _fits(self) -> "Door":
        if self.width < 1:
            raise ValueError("a door needs a width")
        return self


def told(**given: object) -> str:
    try:
        Door(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        return problems(error)
    return ""


def test_the_key_is_named_and_no_value_repeated():
    assert told(width="sesame") == (
        "key: Field required; width: Input should be a valid integer, unable to parse string as an integer"
    )
    assert told(key="k", width=0) == "a door needs a width"
