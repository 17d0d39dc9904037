# What tests tell the server, over HTTP. Parameters are taken from the query: Rack would read the
# body of a POST without a content type as a form.
Control = lambda do |env|
  request = Rack::Request.new(env)
  params = request.GET
  case request.path_info
  when "/connections"
    # Rails forgets those that it closed by a restart only when it ends: it has stopped the workers
    # that would have done it.
    open = ActionCable.server.connections.select { |connection| connection.open? }
    answer = open.map do |connection|
      {"user" => connection.user, "subscriptions" => connection.subscriptions.identifiers}
    end
  when "/dials"
    answer = {"dials" => ApplicationCable::Connection::DIALS[params.fetch("token")]}
  when "/broadcast"
    ActionCable.server.broadcast(params.fetch("stream"), JSON.parse(params.fetch("json")))
  when "/disconnect"
    ActionCable.server.remote_connections.where(user: params.fetch("user"))
      .disconnect(reconnect: params["reconnect"] == "true")
  when "/restart"
    ActionCable.server.restart
  else
    next [404, {"content-type" => "application/json"}, ["{}"]]
  end
  [200, {"content-type" => "application/json"}, [JSON.generate(answer || {})]]
end
