"""Ask language models behind OpenAI-compatible servers, and keep every answer that was paid for."""
