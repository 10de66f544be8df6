"""Words, as datatrove's tokenizer cuts them."""
