module ApplicationCable
  # Whoever connects is who the cookie `user` or the parameter `token` says. The parameters or
  # cookies `unauthorized`, `raise` and `slow-connect` (seconds) make connecting fail or take long.
  class Connection < ActionCable::Connection::Base
    identified_by :user

    # How often each token was dialled with, whatever came of it.
    DIALS = Hash.new(0)
    LOCK = Mutex.new

    def initialize(...)
      super
      LOCK.synchronize { DIALS[request.params["token"]] += 1 }
    end

    def connect
      sleep told("slow-connect").to_f if told("slow-connect")
      raise "connect raises, as it was told to" if told("raise")
      reject_unauthorized_connection if told("unauthorized")
      self.user = cookies["user"] || request.params["token"] || "anonymous"
    end

    # Past every encoder: what `json` says, to the byte.
    def transmit_verbatim(identifier, json)
      websocket.transmit(%({"identifier":#{identifier.to_json},"message":#{json}}))
    end

    def open?
      websocket.alive?
    end

    def told(name)
      request.params[name] || cookies[name]
    end
  end
end
