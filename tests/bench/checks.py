"""Checks at a border post, as its system sends them: checks.py PORT TOKEN FEED RATE SECONDS.

Open loop: check i is due at i / RATE whatever became of the others. Prints the median and the 99th percentile of the time from when
each was due until its answer was there, milliseconds; answers a second; how many said that not all is known.
"""
import csv, http.client, json, sys, threading, time

PORT, TOKEN, FEED, RATE, SECONDS = sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]), float(sys.argv[5])
FIELDS = ("family_name", "given_names", "sex", "date_of_birth", "nationality", "doc_type", "doc_issuer", "doc_number")
THREADS = 24  # a server takes 32 connections of one address

rows = []
for row in csv.DictReader(open(FEED, encoding="utf-8")):
    fields = {f: row[f] for f in FIELDS if row[f]}
    if "doc_number" in fields and "family_name" in fields:
        rows.append(json.dumps(fields))
bodies = [rows[i % len(rows)] for i in range(int(RATE * SECONDS))]
took, unknown, lock, begun = [], [0], threading.Lock(), time.monotonic() + 0.5


def ask(which):
    to = http.client.HTTPConnection("127.0.0.1", int(PORT))
    to.connect()
    for i in range(which, len(bodies), THREADS):
        due = begun + i / RATE
        wait = due - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        try:
            to.request("POST", "/v1/check", bodies[i], {"Authorization": "Bearer " + TOKEN})
            reply = to.getresponse()
        except (http.client.HTTPException, OSError):
            to = http.client.HTTPConnection("127.0.0.1", int(PORT))
            to.request("POST", "/v1/check", bodies[i], {"Authorization": "Bearer " + TOKEN})
            reply = to.getresponse()
        text = reply.read()
        with lock:
            took.append((time.monotonic() - due) * 1e3)
            unknown[0] += reply.status != 200 or b'"reason"' in text


threads = [threading.Thread(target=ask, args=(i,)) for i in range(THREADS)]
for t in threads:
    t.start()
for t in threads:
    t.join()
ended = time.monotonic()
took.sort()
print(took[len(took) // 2], took[len(took) * 99 // 100], len(took) / (ended - begun), unknown[0])
