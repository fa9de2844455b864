# Reads a document a line (base64), and answers with what Psych makes of it, as JSON.
# What JSON cannot hold is told by its type, so that it never passes for something else.
require 'json'
require 'psych'
require 'date'
require 'base64'

def told(value)
  case value
  when Hash then value.to_h { |key, item| [key.is_a?(String) ? key : "#{key.class}:#{key}", told(item)] }
  when Array then value.map { |item| told(item) }
  when Float then value.finite? ? value : { '$type' => 'number', 'value' => value.to_s.sub('Infinity', 'inf').downcase }
  when Symbol, Regexp, Range, Rational, Complex then { '$type' => value.class.name, 'value' => value.inspect }
  when DateTime, Time, Date then { '$type' => 'date', 'value' => value.strftime('%F') }
  else value
  end
end

$stdin.each_line do |line|
  # As Psych.load_file, which opens a file without its byte-order mark.
  text = Base64.decode64(line).force_encoding(Encoding::UTF_8).delete_prefix("\uFEFF")
  answer =
    begin
      { 'value' => told(Psych.safe_load(text, permitted_classes: [Date, DateTime, Time, Symbol], aliases: false)) }
    rescue StandardError => e
      { 'error' => e.message.lines.first.to_s.strip }
    end
  puts JSON.generate({ 'Psych' => answer }, max_nesting: 1000)
  $stdout.flush
end
