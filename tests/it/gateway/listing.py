"""Loads each configuration named on the standard input as the proxy does at its start, and prints what the
proxy's /v1/models lists then."""

import asyncio
import json
import os
import sys

from fastapi.testclient import TestClient
from litellm.proxy import proxy_server

client = TestClient(proxy_server.app)
headers = {"Authorization": "Bearer " + os.environ["LITELLM_MASTER_KEY"]}
for line in sys.stdin:
    loading = proxy_server.proxy_config.load_config(router=None, config_file_path=line.strip())
    loaded = asyncio.run(loading)
    proxy_server.llm_router, proxy_server.llm_model_list, proxy_server.general_settings = loaded
    listed = client.get("/v1/models", headers=headers).json()
    print(json.dumps([model["id"] for model in listed["data"]]), flush=True)
