"""What the mock says, which docs/mock.md tells, and what is asked of it."""

SPOKEN = "This is the mock speaking. You said: "
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a place",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["celsius", "kelvin"]}},
        },
    },
}
