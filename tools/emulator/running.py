"""What the other files need of the process that they run in: serve.py sets it before the emulator answers."""

# serve.Turn: whoever works in moto's stores outside a request takes it first
TURN = None
# http://127.0.0.1:PORT
ENDPOINT = None
# --run
FOLDER = None
# authorize.Authorization; None where every call is allowed
GATE = None
