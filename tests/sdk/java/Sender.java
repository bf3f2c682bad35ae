import com.segment.analytics.Analytics;
import com.segment.analytics.Callback;
import com.segment.analytics.messages.*;
import java.util.Collections;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Sends with the library for Java, and prints what it says of each message: `success` or `failure`, and its id. */
public class Sender {
  static CountDownLatch done;

  public static void main(String[] args) throws Exception {
    Analytics sdk =
        Analytics.builder(args[1])
            .endpoint(args[0])
            .flushInterval(1, TimeUnit.SECONDS)
            .callback(
                new Callback() {
                  public void success(Message message) {
                    say("success", message);
                  }

                  public void failure(Message message, Throwable cause) {
                    say("failure", message);
                  }
                })
            .build();
    if (args[2].equals("refused")) refusedThenGood(sdk);
    else sixtyCalls(sdk);
    sdk.shutdown();
    System.exit(0);
  }

  static synchronized void say(String outcome, Message message) {
    System.out.println(outcome + " " + message.messageId());
    done.countDown();
  }

  static void sixtyCalls(Analytics sdk) throws Exception {
    done = new CountDownLatch(60);
    for (int i = 0; i < 10; i += 1) {
      Map<String, Object> traits = new LinkedHashMap<>();
      traits.put("email", "ann" + i + "@example.com");
      traits.put("nested", Collections.singletonMap("city", "Z\u00fcrich \u2713"));
      Map<String, Object> order = new LinkedHashMap<>();
      order.put("total", 120.5);
      order.put("count", i);
      order.put("paid", true);
      send(sdk, IdentifyMessage.builder().traits(traits), "identify", i);
      send(sdk, TrackMessage.builder("Order Completed").properties(order), "track", i);
      send(sdk, PageMessage.builder("Home").properties(Collections.singletonMap("url", "https://shop.example/")), "page", i);
      send(sdk, ScreenMessage.builder("Basket").properties(order), "screen", i);
      send(sdk, GroupMessage.builder("acme").traits(Collections.singletonMap("employees", 7)), "group", i);
      send(sdk, AliasMessage.builder("before" + i), "alias", i);
    }
    sdk.flush();
    if (!done.await(90, TimeUnit.SECONDS)) System.out.println("late");
  }

  static void send(Analytics sdk, MessageBuilder message, String type, int i) {
    message.messageId(type + "-" + i).userId("ann" + i).timestamp(new Date());
    if (!type.equals("alias")) message.anonymousId("laptop" + i);
    sdk.enqueue(message);
  }

  static void refusedThenGood(Analytics sdk) throws Exception {
    done = new CountDownLatch(1);
    sdk.enqueue(TrackMessage.builder("Refused").messageId("refused").userId("null"));
    sdk.flush();
    if (!done.await(60, TimeUnit.SECONDS)) System.out.println("late");
    done = new CountDownLatch(1);
    sdk.enqueue(TrackMessage.builder("Good").messageId("good").userId("ann"));
    sdk.flush();
    if (!done.await(60, TimeUnit.SECONDS)) System.out.println("late");
  }
}
