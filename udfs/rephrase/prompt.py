"""A prompt: what a model is told to do with a page, in a file of its own whose hash is its version."""

import hashlib
import tomllib
from dataclasses import dataclass
from typing import Literal, cast, get_args

Form = Literal["prose", "questions", "choices", "table", "list", "dialogue"]
PAGE = "{page}"
END, DISARMED = "</page>", "</ page>"


class PromptError(ValueError):
    """A file that is no prompt; the text says what it lacks."""


@dataclass(frozen=True)
class Prompt:
    """Hold a prompt: `user` has the place of the page, `form` is the form that it asks for, `sha256` is its version."""

    name: str
    form: Form
    system: str
    user: str
    sha256: str

    def told(self, page: str) -> str:
        """Return the prompt with the page in it. The page cannot end its own marks."""
        return self.user.replace(PAGE, page.strip().replace(END, DISARMED))

    @property
    def instructions(self) -> str:
        """Return all that the model is told beside the page."""
        return f"{self.system}\n{self.user.replace(PAGE, '')}"


def read_prompt(content: bytes, *, name: str) -> Prompt:
    """Read a prompt's TOML: form, system, user; raises PromptError."""
    try:
        table = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PromptError(f"the prompt {name} is not TOML ({error})") from None
    unknown = sorted(table.keys() - {"form", "system", "user"})
    if unknown:
        raise PromptError(f"the prompt {name} has the unknown key {unknown[0]!r} (known: form, system, user)")
    form, system, user = table.get("form"), table.get("system", ""), table.get("user")
    if form not in get_args(Form):
        raise PromptError(f"the prompt {name} has the form {form!r} (known: {', '.join(get_args(Form))})")
    if not isinstance(system, str) or not isinstance(user, str) or user.count(PAGE) != 1:
        raise PromptError(f"the prompt {name} needs a text `user` with {PAGE} in it once")
    return Prompt(name, cast(Form, form), system.strip(), user.strip(), hashlib.sha256(content).hexdigest())
