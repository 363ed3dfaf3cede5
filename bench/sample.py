"""The platform's sample of two-way masking, as one would write it with FastAPI: a static pair, no signatures, one log line."""
import logging
import os
import socket
from xml.sax.saxutils import escape, quoteattr

import uvicorn
from fastapi import FastAPI, Form
from fastapi.responses import Response

logging.basicConfig(filename="calls.log", level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
log = logging.getLogger("calls")

M1, M2, FE, CUSTOMER = (os.environ[name] for name in ("M1", "M2", "FE", "CUSTOMER"))
LEGS = {(M1, FE): (CUSTOMER, M2), (M2, CUSTOMER): (FE, M1)}

app = FastAPI()


def digits(number: str) -> str:
    found = "".join(filter(str.isdigit, number))
    return "91" + found[1:] if found.startswith("0") else found


@app.post("/answer")
async def answer(From: str = Form(""), To: str = Form(""), CallUUID: str = Form("")) -> Response:
    leg = LEGS.get((digits(To), digits(From)))
    log.info("call %s %s", CallUUID, "connect" if leg else "refuse")
    if leg is None:
        body = '<Response><Hangup reason="rejected"/></Response>'
    else:
        destination, shown = leg
        body = f'<Response><Dial callerId={quoteattr(shown)} timeout="30"><Number>{escape(destination)}</Number></Dial></Response>'
    return Response(f'<?xml version="1.0" encoding="UTF-8"?>{body}', media_type="application/xml")


listener = socket.socket()
listener.bind(("127.0.0.1", 0))
print(f"listening at http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
uvicorn.Server(uvicorn.Config(app, access_log=False, log_config=None)).run(sockets=[listener])
