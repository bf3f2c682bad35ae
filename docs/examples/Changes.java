// Prints each change of every audience once, also when it is started again: how far it is, it keeps in a file.
//
//   java -cp '<kafka>/libs/*' Changes.java <file> [--once]
//
// KAFKA_BROKERS is 127.0.0.1:9092 unless set. With --once it ends where the topic ends now. On the class path are
// kafka-clients and jackson-databind, which Kafka itself brings along.
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.StringDeserializer;

public class Changes {
  private static final String TOPIC = "audience.changes.v1";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final File file;

  /** By partition: the next offset, the highest epoch, and in it the highest sequence. They belong together. */
  private final ObjectNode places;

  Changes(File file) throws IOException {
    this.file = file;
    this.places = file.exists() ? (ObjectNode) JSON.readTree(file) : JSON.createObjectNode();
  }

  public static void main(String[] args) throws IOException {
    boolean once = args.length > 1 && args[1].equals("--once");
    new Changes(new File(args[0])).follow(once);
  }

  private void follow(boolean once) throws IOException {
    String brokers = System.getenv().getOrDefault("KAFKA_BROKERS", "127.0.0.1:9092");
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers", brokers,
            "enable.auto.commit", false,
            "isolation.level", "read_committed",
            "auto.offset.reset", "none");
    StringDeserializer text = new StringDeserializer();
    try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings, text, text)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(TOPIC).stream()
              .map(one -> new TopicPartition(TOPIC, one.partition()))
              .toList();
      consumer.assign(partitions);
      Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      for (TopicPartition one : partitions) {
        consumer.seek(one, placeOf(one.partition()).path("offset").asLong(begins.get(one)));
      }
      while (!once || partitions.stream().anyMatch(one -> consumer.position(one) < ends.get(one))) {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
          take(record);
        }
      }
    }
  }

  private JsonNode placeOf(int partition) {
    return places.path(String.valueOf(partition));
  }

  private void take(ConsumerRecord<String, String> record) throws IOException {
    JsonNode before = placeOf(record.partition());
    long lastEpoch = before.path("epoch").asLong(0);
    long lastSequence = before.path("sequence").asLong(0);
    long epoch = numberIn(record, "epoch", lastEpoch);
    long sequence = numberIn(record, "sequence", 0);
    // What is not higher, a former owner of the partition wrote, or a request that was sent again.
    boolean isNews = epoch > lastEpoch || (epoch == lastEpoch && sequence > lastSequence);
    if (isNews && !record.key().startsWith("@")) {
      JsonNode change = JSON.readTree(record.value());
      System.out.printf(
          "%s %s %s %s%n",
          change.get("change").asText(),
          change.get("audienceKey").asText(),
          change.get("profileId").asText(),
          change.get("at").asText());
    }
    places
        .putObject(String.valueOf(record.partition()))
        .put("epoch", isNews ? epoch : lastEpoch)
        .put("sequence", isNews ? sequence : lastSequence)
        .put("offset", record.offset() + 1);
    Path arriving = Path.of(file.getPath() + ".new");
    Files.write(arriving, JSON.writeValueAsBytes(places));
    Files.move(arriving, file.toPath(), StandardCopyOption.REPLACE_EXISTING);
  }

  private static long numberIn(ConsumerRecord<String, String> record, String name, long otherwise) {
    Header header = record.headers().lastHeader(name);
    if (header == null) return otherwise;
    return Long.parseLong(new String(header.value(), StandardCharsets.UTF_8));
  }
}
