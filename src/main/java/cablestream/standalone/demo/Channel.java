package cablestream.standalone.demo;

import jakarta.json.JsonObject;

/** One subscription's channel; ActionCable::Channel::Base. The server's thread only. */
interface Channel {
  /** Before the confirmation, which follows unless this rejects or defers it. */
  default void subscribed(DemoSubscription subscription) {}

  /**
   * @param data what the client sent, {@code action} included; unknown actions have no answer
   */
  default void perform(DemoSubscription subscription, String action, JsonObject data) {}
}
