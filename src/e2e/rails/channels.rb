# Sends back what it gets. `greeting` is transmitted in `subscribed`, so before the confirmation.
class EchoChannel < ActionCable::Channel::Base
  def subscribed
    transmit(params["greeting"]) if params["greeting"]
  end

  def echo(data)
    transmit(data)
  end
end

# Sends messages numbered from 1, `size` bytes of padding in each.
class BurstChannel < ActionCable::Channel::Base
  def subscribed
    burst(params) if params["count"]
  end

  def burst(data)
    padding = "x" * data["size"].to_i
    (1..data["count"].to_i).each { |n| transmit({"n" => n, "padding" => padding}) }
  end
end

class RejectChannel < ActionCable::Channel::Base
  def subscribed
    reject
  end
end

# Says what the connection's request looked like to Rails.
class HeadersChannel < ActionCable::Channel::Base
  def subscribed
    environment = connection.env
    headers = environment.select { |name, _| name.start_with?("HTTP_") }
    transmit({"headers" => headers, "query" => environment["QUERY_STRING"],
      "path" => environment["PATH_INFO"], "user" => connection.user})
  end
end

class SlowChannel < ActionCable::Channel::Base
  def subscribed
    sleep params["seconds"].to_f
  end

  def echo(data)
    transmit(data)
  end
end

class ChatChannel < ActionCable::Channel::Base
  def subscribed
    stream_from "chat_#{params["room"]}"
  end

  def speak(data)
    ActionCable.server.broadcast("chat_#{params["room"]}",
      {"user" => connection.user, "text" => data["text"]})
  end
end

# Sends any JSON there is. `raw` sends the text it's given without a look at it.
class RawChannel < ActionCable::Channel::Base
  def raw(data)
    connection.transmit_verbatim(@identifier, data["json"])
  end

  def value(data)
    transmit(data["value"])
  end

  def string(data)
    transmit("é" * (data["bytes"].to_i / 2))
  end
end

# Stands in for turbo-rails' channel: no signature, and the stream's name is just that.
module Turbo
  class StreamsChannel < ActionCable::Channel::Base
    def subscribed
      stream_from params["signed_stream_name"]
    end
  end
end
