# Prints each change of every audience once, also when it is started again: how far it is, it keeps in a file.
#
#   pip install confluent-kafka
#   python changes.py <file> [--once]
#
# KAFKA_BROKERS is 127.0.0.1:9092 unless set. With --once it ends where the topic ends now.
import json
import os
import sys

from confluent_kafka import Consumer, KafkaError, KafkaException, OFFSET_BEGINNING, TopicPartition

TOPIC = "audience.changes.v1"
path, once = sys.argv[1], "--once" in sys.argv

# By partition: the next offset, the highest epoch, and in it the highest sequence. They belong together.
places = {}
if os.path.exists(path):
    with open(path) as file:
        places = json.load(file)

consumer = Consumer(
    {
        "bootstrap.servers": os.environ.get("KAFKA_BROKERS", "127.0.0.1:9092"),
        # The client wants a name; nothing is committed to it.
        "group.id": "changes-example",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "auto.offset.reset": "error",
        "isolation.level": "read_committed",
    }
)
partitions = list(consumer.list_topics(TOPIC, timeout=30).topics[TOPIC].partitions)
consumer.assign(
    [
        TopicPartition(TOPIC, partition, places.get(str(partition), {}).get("offset", OFFSET_BEGINNING))
        for partition in partitions
    ]
)


def take(message):
    before = places.get(str(message.partition()), {"epoch": 0, "sequence": 0})
    headers = {name: int(value) for name, value in message.headers() or [] if name in ("epoch", "sequence")}
    heard = (headers.get("epoch", before["epoch"]), headers.get("sequence", 0))
    # What is not higher, a former owner of the partition wrote, or a request that was sent again.
    is_news = heard > (before["epoch"], before["sequence"])
    if is_news and not message.key().startswith(b"@"):
        change = json.loads(message.value())
        print(change["change"], change["audienceKey"], change["profileId"], change["at"], flush=True)
    epoch, sequence = heard if is_news else (before["epoch"], before["sequence"])
    places[str(message.partition())] = {"epoch": epoch, "sequence": sequence, "offset": message.offset() + 1}
    with open(path + ".new", "w") as file:
        json.dump(places, file)
    os.replace(path + ".new", path)


at_end = set()
try:
    while not (once and len(at_end) == len(partitions)):
        message = consumer.poll(1.0)
        if message is None:
            continue
        error = message.error()
        if error is None:
            take(message)
        elif error.code() == KafkaError._PARTITION_EOF:
            at_end.add(message.partition())
        else:
            raise KafkaException(error)
except KeyboardInterrupt:
    pass
finally:
    consumer.close()
