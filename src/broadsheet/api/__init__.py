"""What can programs do here? The same as readers: JSON under /api/v1, described by its OpenAPI document.

Operations read the request, call the rooms below and answer in shapes; every error is one JSON object.
"""
