//! What VAPI tells during a conversation without wanting a reply, beyond what we keep
//! (VAPI docs, Server events): told apart from types that are new to us, so that those
//! can be noticed.

/// A type of message that needs nothing from us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Information {
    /// `assistant.started`
    AssistantStarted,
    /// `assistant.speechStarted`
    AssistantSpeechStarted,
    /// `call.artifact.upload`
    ArtifactUploaded,
    /// `call.deleted`, `call.delete.failed`
    CallDeletion,
    /// `chat.created` and the like
    Chat,
    /// `conversation-update`
    ConversationUpdate,
    /// `language-change-detected`, `language-changed`
    LanguageChange,
    /// `model-output`
    ModelOutput,
    /// `phone-call-control`
    PhoneCallControl,
    /// `session.created` and the like
    Session,
    /// `speech-update`
    SpeechUpdate,
    /// `transcript`, also literally `transcript[transcriptType="final"]`
    Transcript,
    /// `transfer-update`
    TransferUpdate,
    /// `user-interrupted`
    UserInterrupted,
    /// `voice-input`
    VoiceInput,
}

impl Information {
    /// The type of that name, unless a type of that name wants more or is unknown.
    pub(super) fn named(kind: &str) -> Option<Self> {
        Some(match kind {
            "assistant.started" => Self::AssistantStarted,
            "assistant.speechStarted" => Self::AssistantSpeechStarted,
            "call.artifact.upload" => Self::ArtifactUploaded,
            "call.deleted" | "call.delete.failed" => Self::CallDeletion,
            "conversation-update" => Self::ConversationUpdate,
            "language-change-detected" | "language-changed" => Self::LanguageChange,
            "model-output" => Self::ModelOutput,
            "phone-call-control" => Self::PhoneCallControl,
            "speech-update" => Self::SpeechUpdate,
            "transfer-update" => Self::TransferUpdate,
            "user-interrupted" => Self::UserInterrupted,
            "voice-input" => Self::VoiceInput,
            "transcript" => Self::Transcript,
            kind if kind.starts_with("transcript[") => Self::Transcript,
            kind if kind.starts_with("chat.") => Self::Chat,
            kind if kind.starts_with("session.") => Self::Session,
            _ => return None,
        })
    }
}
