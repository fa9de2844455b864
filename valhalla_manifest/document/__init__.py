"""Text and nothing but text: read with positions, edited without touching another byte."""
