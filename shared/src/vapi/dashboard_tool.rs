//! The tools as VAPI's dashboard has them: what the model is told, what the caller hears
//! while a tool works, and what VAPI itself fills in.

use serde_json::{Value, json};

use super::tool::Tool;

/// How long VAPI waits for a tool. Our own deadlines are shorter, so that the caller
/// hears an honest sentence instead of VAPI's.
const TIMEOUT_SECONDS: u32 = 15;

/// When the caller is told that it takes longer, in milliseconds.
const LATER: [u32; 2] = [2500, 6000];

/// What is said while a tool works. None of it may sound as if it were done.
struct Fillers {
    start: &'static str,
    later: [&'static str; 2],
    /// When no answer came at all.
    failed: &'static str,
}

const ASKING: Fillers = Fillers {
    start: "One moment, let me look.",
    later: [
        "I am still looking.",
        "This takes a little longer than usual, thank you for waiting.",
    ],
    failed: "I am sorry, I cannot look that up right now.",
};

/// Whether it was written is not known when no answer came, so nothing is claimed.
const WRITING: Fillers = Fillers {
    start: "One moment, please.",
    later: [
        "I am still working on it.",
        "This takes a little longer than usual, thank you for waiting.",
    ],
    failed: "I am sorry, I did not hear back, so I cannot say yet whether that went through.",
};

impl Tool {
    /// The tool as VAPI's API takes it, all but the server's address (VAPI docs, Custom
    /// tools). The schema has no `strict`: a model then has to fill in every argument,
    /// and most of ours are optional. Nothing is said that goes without saying, since VAPI
    /// need not keep it.
    pub fn on_dashboard(self) -> Value {
        let mut tool = self.definition().to_json();
        let schema = tool["function"]["parameters"].as_object_mut();
        if let Some(schema) = schema.filter(|schema| schema["required"] == json!([])) {
            schema.remove("required");
        }
        tool["messages"] = self.messages();
        tool["parameters"] = static_parameters();
        tool["server"] = json!({"timeoutSeconds": TIMEOUT_SECONDS});
        tool
    }

    fn messages(self) -> Value {
        let fillers = if self.writes() { &WRITING } else { &ASKING };
        let [soon, late] = fillers.later;
        json!([
            {"type": "request-start", "content": fillers.start},
            {"type": "request-response-delayed", "content": soon, "timingMilliseconds": LATER[0]},
            {"type": "request-response-delayed", "content": late, "timingMilliseconds": LATER[1]},
            {"type": "request-failed", "content": fillers.failed},
        ])
    }
}

/// What VAPI adds to the arguments, over whatever the model filled in, and unseen by it
/// (VAPI docs, Static variables and aliases).
fn static_parameters() -> Value {
    json!([
        {"key": "caller_number", "value": "{{customer.number}}"},
        {"key": "call_id", "value": "{{call.id}}"},
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vapi::speech::rules::violations;

    /// What is in the dashboard says what the dispatcher does.
    #[test]
    fn the_tools_in_infra_are_these() {
        let table = Tool::ALL.map(Tool::on_dashboard);
        let file = include_str!("../../../infra/vapi/tools.json");
        let file: Vec<Value> = serde_json::from_str(file).unwrap();
        let expected = serde_json::to_string_pretty(&table).unwrap();
        assert!(file == table, "infra/vapi/tools.json should be\n{expected}");
    }

    #[test]
    fn a_filler_can_be_spoken_and_promises_nothing() {
        let done = [
            "booked",
            "done",
            "confirmed",
            "moved",
            "cancelled",
            "all set",
            "found",
        ];
        for tool in Tool::ALL {
            let tool = tool.on_dashboard();
            let messages = tool["messages"].as_array().unwrap();
            for message in messages {
                let said = message["content"].as_str().unwrap();
                assert_eq!(violations(said), [], "{said}");
                let words = said.to_lowercase();
                assert!(!done.iter().any(|word| words.contains(word)), "{said}");
            }
            // A request-complete message would be spoken instead of the answer.
            let complete = |message: &Value| message["type"] == "request-complete";
            assert!(!messages.iter().any(complete));
        }
    }

    #[test]
    fn the_model_is_not_shown_what_vapi_fills_in() {
        for tool in Tool::ALL {
            let tool = tool.on_dashboard();
            for own in tool["parameters"].as_array().unwrap() {
                let key = own["key"].as_str().unwrap();
                let shown = &tool["function"]["parameters"]["properties"];
                assert!(shown.get(key).is_none(), "{key}");
            }
        }
    }
}
